import { create } from '@bufbuild/protobuf';
import { DurationSchema } from '@bufbuild/protobuf/wkt';
import { type SubmitEvent, useId, useState } from 'react';

import type { CreateEnrollmentTokenResponse } from '@/gen/openseer/v1/worker_service_pb';
import { workerClient } from '@/shared/api/client';
import { violationOf } from '@/shared/api/errors';
import { useLoaded } from '@/shared/api/use-loaded';
import { plural } from '@/shared/format/number';
import { formatMoment } from '@/shared/format/time';
import { Button } from '@/shared/ui/button';
import { Copyable } from '@/shared/ui/copyable';
import { Field, TextField } from '@/shared/ui/field';
import { Notice } from '@/shared/ui/notice';
import { Section } from '@/shared/ui/section';
import { useAction } from '@/shared/ui/use-action';
import { useFocusInvalid } from '@/shared/ui/use-focus-invalid';

const lifetimes = [
  { seconds: 3600, text: '1 hour' },
  { seconds: 86_400, text: '1 day' },
  { seconds: 7 * 86_400, text: '7 days' },
  { seconds: 30 * 86_400, text: '30 days' },
];

const loadRegions = async (signal: AbortSignal) => (await workerClient.listRegions({}, { signal })).regions;

// Makes an enrolment token and the command that uses it.
export function AddWorker({ onCreated }: { onCreated: () => void }) {
  const regions = useLoaded(loadRegions);
  const listId = useId();
  const [region, setRegion] = useState('global');
  const [uses, setUses] = useState('1');
  const [seconds, setSeconds] = useState(3600);
  const [created, setCreated] = useState<CreateEnrollmentTokenResponse>();
  const make = useAction(async () => {
    setCreated(undefined);
    const answer = await workerClient.createEnrollmentToken({
      region: region.trim(),
      uses: Number(uses),
      lifetime: create(DurationSchema, { seconds: BigInt(seconds) }),
    });
    setCreated(answer);
    onCreated();
  });
  const form = useFocusInvalid(make.refusal);

  const usesError = /^[1-9]\d{0,3}$/.test(uses.trim()) ? violationOf(make.refusal, 'uses') : 'Enter a number from 1 to 1000.';
  const onSubmit = (event: SubmitEvent) => {
    event.preventDefault();
    make.run();
  };

  return (
    <Section title="Add a worker">
      <p className="mb-4 max-w-prose text-muted">
        A worker checks targets from where it runs and only ever connects outwards. Make a token, then run the command on the worker’s machine.
      </p>
      <form ref={form} onSubmit={onSubmit} noValidate className="grid items-start gap-4 sm:grid-cols-[2fr_1fr_1fr]">
        <TextField
          label="Region"
          list={listId}
          autoComplete="off"
          spellCheck={false}
          value={region}
          onValue={setRegion}
          hint="A new name makes a new region."
          error={violationOf(make.refusal, 'region')}
        />
        <datalist id={listId}>
          {regions.value?.map(({ name }) => (
            <option key={name} value={name} />
          ))}
        </datalist>
        <TextField label="Workers" inputMode="numeric" value={uses} onValue={setUses} error={usesError} hint="How many may use it." />
        <Field label="Valid for" error={violationOf(make.refusal, 'lifetime')}>
          {(control) => (
            <select {...control} className="control" value={seconds} onChange={(event) => setSeconds(Number(event.target.value))}>
              {lifetimes.map((lifetime) => (
                <option key={lifetime.seconds} value={lifetime.seconds}>
                  {lifetime.text}
                </option>
              ))}
            </select>
          )}
        </Field>
        <div className="sm:col-span-3">
          <Button type="submit" look="primary" busy={make.busy} disabled={usesError !== undefined && make.refusal.fields.uses === undefined}>
            Create token
          </Button>
        </div>
      </form>
      {make.refusal.message !== '' && (
        <div className="mt-4">
          <Notice tone="error">{make.refusal.message}</Notice>
        </div>
      )}
      {created !== undefined && <Command created={created} />}
    </Section>
  );
}

function Command({ created }: { created: CreateEnrollmentTokenResponse }) {
  const command = `openseer worker --server https://${window.location.hostname}:8082 --enroll-token ${created.secret}`;
  return (
    <div className="mt-5 flex flex-col gap-3">
      <Notice tone="ok">
        The token is shown only now.
        {created.token !== undefined &&
          ` It lets in ${plural(created.token.usesLeft, 'worker')} for region ${created.token.region} until ${formatMoment(created.token.expiresAt)}.`}
      </Notice>
      <Copyable label="Worker command" text={command} />
      <p className="text-sm text-muted">
        Replace the address if the worker reaches this server under another name or port. It appears above once it has joined; press Refresh.
      </p>
    </div>
  );
}
