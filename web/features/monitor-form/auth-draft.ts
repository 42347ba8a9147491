import { create } from '@bufbuild/protobuf';

import { type Authentication, AuthenticationSchema } from '@/gen/openseer/v1/monitor_service_pb';

export type AuthScheme = 'none' | 'basic' | 'digest' | 'bearer' | 'oauth2';

export interface AuthDraft {
  scheme: AuthScheme;
  // The scheme whose secret the server keeps; it is never shown.
  stored: AuthScheme;
  username: string;
  password: string;
  token: string;
  tokenUrl: string;
  clientId: string;
  clientSecret: string;
  scope: string;
  audience: string;
}

export const authSchemes: readonly AuthScheme[] = ['none', 'basic', 'digest', 'bearer', 'oauth2'];

export const noAuth: AuthDraft = {
  scheme: 'none',
  stored: 'none',
  username: '',
  password: '',
  token: '',
  tokenUrl: '',
  clientId: '',
  clientSecret: '',
  scope: '',
  audience: '',
};

export function authDraftOf(authentication: Authentication | undefined): AuthDraft {
  const scheme = authentication?.scheme;
  if (scheme?.case === undefined) return noAuth;
  const draft = { ...noAuth, scheme: scheme.case, stored: scheme.case };
  switch (scheme.case) {
    case 'basic':
    case 'digest':
      return { ...draft, username: scheme.value.username };
    case 'bearer':
      return draft;
    case 'oauth2': {
      const { tokenUrl, clientId, scope, audience } = scheme.value;
      return { ...draft, tokenUrl, clientId, scope, audience };
    }
  }
}

export function authOf(draft: AuthDraft): Authentication | undefined {
  const { username, password, token, tokenUrl, clientId, clientSecret, scope, audience } = draft;
  switch (draft.scheme) {
    case 'none':
      return undefined;
    case 'basic':
    case 'digest':
      return create(AuthenticationSchema, { scheme: { case: draft.scheme, value: { username, password } } });
    case 'bearer':
      return create(AuthenticationSchema, { scheme: { case: 'bearer', value: { token } } });
    case 'oauth2':
      return create(AuthenticationSchema, { scheme: { case: 'oauth2', value: { tokenUrl: tokenUrl.trim(), clientId, clientSecret, scope, audience } } });
  }
}
