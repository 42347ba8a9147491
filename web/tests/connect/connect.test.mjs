// A stock Connect client against a running control plane whose sign-up is open
// (a fresh one is):
//
//   OPENSEER_API=https://localhost:8082 OPENSEER_CA=ca.pem npm run test:connect
//
// It knows the API by its descriptors alone, as anybody's client would.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { env } from 'node:process';
import { before, describe, it } from 'node:test';

import { createFileRegistry, fromBinary } from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { Code, ConnectError, createClient } from '@connectrpc/connect';
import { compressionGzip, createConnectTransport } from '@connectrpc/connect-node';

const { OPENSEER_API: baseUrl, OPENSEER_CA: caFile } = env;
assert.ok(baseUrl && caFile, 'set OPENSEER_API (an https URL) and OPENSEER_CA (a PEM file)');

const inWeb = (path) => join(import.meta.dirname, '../..', path);
const descriptors = execFileSync(inWeb('node_modules/.bin/buf'), ['build', inWeb('../proto'), '-o', '-#format=binpb']);
const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, descriptors));

const client = (service, options = {}) =>
  createClient(
    registry.getService(`openseer.v1.${service}`),
    createConnectTransport({
      baseUrl,
      httpVersion: '1.1',
      nodeOptions: { ca: readFileSync(caFile) },
      defaultTimeoutMs: 20_000,
      acceptCompression: [compressionGzip],
      ...options,
    }),
  );

// What `promise` is refused with.
const refusal = async (promise) => {
  try {
    await promise;
  } catch (error) {
    assert.ok(error instanceof ConnectError, String(error));
    return error;
  }
  assert.fail('the call was not refused');
};

const violations = (error) =>
  error.findDetails(registry.getMessage('google.rpc.BadRequest')).flatMap((detail) => detail.fieldViolations);

for (const useBinaryFormat of [false, true]) {
  describe(useBinaryFormat ? 'in binary' : 'in JSON', () => {
    const format = { useBinaryFormat };
    let session;
    let workspaceId;

    before(async () => {
      let cookies = [];
      const answer = await client('AuthService', format).signUp(
        { email: `${randomUUID()}@example.org`, password: `correct ${randomUUID()}` },
        { onHeader: (headers) => (cookies = headers.getSetCookie()) },
      );
      assert.equal(answer.memberships.length, 1, 'signing up makes a personal workspace');
      workspaceId = answer.memberships[0].workspaceId;
      assert.equal(cookies.length, 1);
      assert.match(cookies[0], /; *HttpOnly/i);
      assert.match(cookies[0], /; *SameSite=/i);
      session = { headers: { Cookie: cookies[0].split(';')[0] } };
    });

    it('tells anybody about the instance', async () => {
      const { instance } = await client('InstanceService', format).getInstance({});
      assert.ok(instance.version);
    });

    it('refuses bad input with the fields that are wrong', async () => {
      const error = await refusal(client('AuthService', format).signUp({ email: 'nobody', password: 'short' }));
      assert.equal(error.code, Code.InvalidArgument);
      const fields = violations(error).map((violation) => violation.field);
      assert.ok(fields.includes('email') && fields.includes('password'), String(fields));
      assert.ok(violations(error).every((violation) => violation.description));
    });

    it('refuses strangers', async () => {
      const error = await refusal(client('UserService', format).getCurrentUser({}));
      assert.equal(error.code, Code.Unauthenticated);
    });

    it('creates a monitor and streams it', async () => {
      const spec = { name: 'example', url: 'https://example.org/', interval: { seconds: 3600n } };
      const { monitor } = await client('MonitorService', format).createMonitor({ workspaceId, spec }, session);
      assert.equal(monitor.spec.url, spec.url);

      const stop = new globalThis.AbortController();
      const request = { workspaceId, view: { case: 'monitorList', value: {} } };
      const seen = [];
      const error = await refusal(
        (async () => {
          const events = client('DashboardService', format).watch(request, { ...session, signal: stop.signal });
          for await (const { event } of events) {
            if (event.case === 'monitorChanged') seen.push(event.value.id);
            if (event.case === 'ready') stop.abort();
          }
        })(),
      );
      assert.equal(error.code, Code.Canceled, 'the stream lasts until the client goes');
      assert.deepEqual(seen, [monitor.summary.id]);
    });

    it('ends a refused stream with its error', async () => {
      const error = await refusal(
        (async () => {
          for await (const event of client('DashboardService', format).watch({ workspaceId })) assert.fail(event.$typeName);
        })(),
      );
      assert.equal(error.code, Code.Unauthenticated);
    });

    it('reads compressed requests', async () => {
      const options = { ...format, sendCompression: compressionGzip, compressMinBytes: 0 };
      const { instance } = await client('InstanceService', options).getInstance({});
      assert.ok(instance.version);
    });
  });
}
