import { type SubmitEvent, useMemo, useState } from 'react';

import type { MonitorSpec } from '@/gen/openseer/v1/monitor_service_pb';
import { otherViolations, type Refusal, violationOf } from '@/shared/api/errors';
import { Button, ButtonLink } from '@/shared/ui/button';
import { Checkbox, Field, TextField } from '@/shared/ui/field';
import { Notice } from '@/shared/ui/notice';
import { Section } from '@/shared/ui/section';
import { useAction } from '@/shared/ui/use-action';
import { useFocusInvalid } from '@/shared/ui/use-focus-invalid';

import { HeadersField } from './headers-field';
import { RegionsField } from './regions-field';
import { readSpec, type SpecDraft, withoutEmptyHeaders } from './spec-form';

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

const shownPaths = [
  'name',
  'url',
  'method',
  'interval',
  'timeout',
  'headers',
  'body',
  'accepted_statuses',
  'regions',
  'max_redirects',
  'skip_tls_verification',
].map((field) => `spec.${field}`);

interface MonitorFormProps {
  initial: SpecDraft;
  submit: string;
  cancelHref: string;
  onSave: (spec: MonitorSpec) => Promise<void>;
}

export function MonitorForm({ initial, submit, cancelHref, onSave }: MonitorFormProps) {
  const [draft, setDraft] = useState(initial);
  const [unreadable, setUnreadable] = useState<Record<string, string>>({});
  const save = useAction(onSave);
  const refusal = useMemo<Refusal>(
    () => ({ message: save.refusal.message, fields: { ...save.refusal.fields, ...unreadable } }),
    [save.refusal, unreadable],
  );
  const form = useFocusInvalid(refusal);

  const set = (change: Partial<SpecDraft>) => setDraft((was) => ({ ...was, ...change }));
  const error = (field: string) => violationOf(refusal, `spec.${field}`);
  const onSubmit = (event: SubmitEvent) => {
    event.preventDefault();
    const meant = withoutEmptyHeaders(draft);
    setDraft(meant);
    const read = readSpec(meant);
    if ('fields' in read) {
      save.clear();
      setUnreadable(read.fields);
      return;
    }
    setUnreadable({});
    save.run(read.spec);
  };

  const others = otherViolations(refusal, shownPaths);
  return (
    <form ref={form} onSubmit={onSubmit} noValidate className="flex flex-col gap-5">
      {refusal.message !== '' && <Notice tone="error">{refusal.message}</Notice>}
      {others.length > 0 && <Notice tone="error">{others.join(' ')}</Notice>}

      <Section title="What to check">
        <div className="grid gap-4">
          <div className="grid gap-4 sm:grid-cols-[1fr_9rem] sm:items-start">
            <TextField
              label="URL"
              type="url"
              inputMode="url"
              placeholder="https://example.com/health"
              autoComplete="off"
              spellCheck={false}
              value={draft.url}
              onValue={(url) => set({ url })}
              error={error('url')}
              required
            />
            <Field label="Method" error={error('method')}>
              {(control) => (
                <select
                  {...control}
                  className="control"
                  value={draft.method}
                  onChange={(event) => set({ method: event.target.value })}
                >
                  {(methods.includes(draft.method) ? methods : [...methods, draft.method]).map((method) => (
                    <option key={method} value={method}>
                      {method}
                    </option>
                  ))}
                </select>
              )}
            </Field>
          </div>
          <TextField
            label="Name"
            autoComplete="off"
            hint="Left empty, the host of the URL is taken."
            value={draft.name}
            onValue={(name) => set({ name })}
            error={error('name')}
          />
          <div className="grid gap-4 sm:grid-cols-2 sm:items-start">
            <TextField
              label="Interval"
              autoComplete="off"
              hint="From 1 s to 24 h: “30 s”, “5 min”, “1 h”."
              value={draft.interval}
              onValue={(interval) => set({ interval })}
              error={error('interval')}
            />
            <TextField
              label="Time-out"
              autoComplete="off"
              hint="For the whole check, redirects included."
              value={draft.timeout}
              onValue={(timeout) => set({ timeout })}
              error={error('timeout')}
            />
          </div>
        </div>
      </Section>

      <Section title="What a good answer is">
        <div className="grid gap-4 sm:grid-cols-2 sm:items-start">
          <TextField
            label="Accepted status codes"
            autoComplete="off"
            hint="Codes and ranges: “200-299, 404”."
            value={draft.statuses}
            onValue={(statuses) => set({ statuses })}
            error={error('accepted_statuses')}
          />
          <TextField
            label="Redirects to follow"
            inputMode="numeric"
            autoComplete="off"
            hint="0 takes the redirect itself as the answer."
            value={draft.maxRedirects}
            onValue={(maxRedirects) => set({ maxRedirects })}
            error={error('max_redirects')}
          />
        </div>
      </Section>

      <Section title="Where from">
        <RegionsField regions={draft.regions} onRegions={(regions) => set({ regions })} error={error('regions')} />
      </Section>

      <Section title="Request">
        <div className="grid gap-5">
          <HeadersField headers={draft.headers} refusal={refusal} onHeaders={(headers) => set({ headers })} />
          <Field
            label="Body"
            error={error('body')}
            hint={
              draft.binaryBody === undefined
                ? undefined
                : `The stored body is ${draft.binaryBody.length} bytes that are not text. It is kept unless you type another.`
            }
          >
            {(control) => (
              <textarea
                {...control}
                className="control min-h-24 font-mono text-sm"
                spellCheck={false}
                value={draft.body}
                onChange={(event) => set({ body: event.target.value })}
              />
            )}
          </Field>
          <div className="flex flex-col gap-2">
            <Checkbox
              label="Skip TLS verification"
              hint="Accept any certificate: expired, self-signed, or of another host."
              checked={draft.skipTlsVerification}
              onChecked={(skipTlsVerification) => set({ skipTlsVerification })}
            />
            {draft.skipTlsVerification && (
              <Notice tone="error">
                <strong>Dangerous.</strong> Anybody between the worker and the target can read the request, secret headers included, and forge the
                answer. This monitor will say “up” even when visitors’ browsers refuse the certificate.
              </Notice>
            )}
            {error('skip_tls_verification') !== undefined && <Notice tone="error">{error('skip_tls_verification')}</Notice>}
          </div>
        </div>
      </Section>

      <div className="flex flex-wrap justify-end gap-2">
        <ButtonLink href={cancelHref}>Cancel</ButtonLink>
        <Button type="submit" look="primary" busy={save.busy}>
          {save.busy ? 'Saving…' : submit}
        </Button>
      </div>
    </form>
  );
}
