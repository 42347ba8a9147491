import { create } from '@bufbuild/protobuf';
import { DurationSchema } from '@bufbuild/protobuf/wkt';
import { type SubmitEvent, useId, useState } from 'react';

import { Button } from '@/components/ui/button';
import { Copyable } from '@/components/ui/copyable';
import { SelectField, TextField } from '@/components/ui/field';
import { Notice } from '@/components/ui/notice';
import { Section } from '@/components/ui/section';
import { useFocusInvalid } from '@/components/ui/use-focus-invalid';
import type { CreateEnrollmentTokenResponse } from '@/gen/openseer/v1/worker_service_pb';
import { instanceClient, workerClient } from '@/shared/api/client';
import { violationOf } from '@/shared/api/errors';
import { useAction } from '@/shared/api/use-action';
import { useLoaded } from '@/shared/api/use-loaded';
import { formatMoment } from '@/shared/format/time';
import { t } from '@/strings';

const lifetimes = ['hour', 'day', 'week', 'month'] as const;
const secondsOf: Readonly<Record<(typeof lifetimes)[number], number>> = { hour: 3600, day: 86_400, week: 7 * 86_400, month: 30 * 86_400 };

const loadRegions = async (signal: AbortSignal) => (await workerClient.listRegions({}, { signal })).regions;
const loadApiUrl = async (signal: AbortSignal) => (await instanceClient.getInstance({}, { signal })).instance?.apiUrl ?? '';

// Makes an enrolment token and the command that uses it.
export function AddWorker({ onCreated }: { onCreated: () => void }) {
  const regions = useLoaded(loadRegions);
  const listId = useId();
  const [region, setRegion] = useState('global');
  const [uses, setUses] = useState('1');
  const [lifetime, setLifetime] = useState<(typeof lifetimes)[number]>('hour');
  const [created, setCreated] = useState<CreateEnrollmentTokenResponse>();
  const make = useAction(async () => {
    setCreated(undefined);
    const answer = await workerClient.createEnrollmentToken({
      region: region.trim(),
      uses: Number(uses),
      lifetime: create(DurationSchema, { seconds: BigInt(secondsOf[lifetime]) }),
    });
    setCreated(answer);
    onCreated();
  });
  const form = useFocusInvalid(make.refusal);
  const s = t().workers;

  const readable = /^[1-9]\d{0,3}$/.test(uses.trim());
  const onSubmit = (event: SubmitEvent) => {
    event.preventDefault();
    make.run();
  };

  return (
    <Section title={s.add} hint={s.addNote}>
      <form ref={form} onSubmit={onSubmit} noValidate className="grid items-start gap-4 sm:grid-cols-[2fr_1fr_1fr_auto]">
        <TextField
          label={t().monitors.region}
          list={listId}
          autoComplete="off"
          spellCheck={false}
          value={region}
          onValue={setRegion}
          hint={s.regionHint}
          error={violationOf(make.refusal, 'region')}
        />
        <datalist id={listId}>
          {regions.value?.map(({ name }) => (
            <option key={name} value={name} />
          ))}
        </datalist>
        <TextField
          label={s.title}
          inputMode="numeric"
          value={uses}
          onValue={setUses}
          error={readable ? violationOf(make.refusal, 'uses') : s.usesUnreadable}
          hint={s.usesHint}
        />
        <SelectField
          label={s.validFor}
          options={lifetimes.map((value) => ({ value, text: s.lifetimes[value] }))}
          value={lifetime}
          onValue={setLifetime}
          error={violationOf(make.refusal, 'lifetime')}
        />
        <div className="sm:pt-6.5">
          <Button type="submit" look="primary" busy={make.busy} disabled={!readable}>
            {s.create}
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
  const { value: apiUrl } = useLoaded(loadApiUrl);
  const s = t().workers;
  const server = apiUrl === undefined || apiUrl === '' ? `https://${window.location.hostname}:8082` : apiUrl;
  return (
    <div className="mt-5 flex flex-col gap-3">
      <Notice tone="ok">
        {s.shownOnce} {created.token !== undefined && s.letsIn(created.token.usesLeft, created.token.region, formatMoment(created.token.expiresAt))}
      </Notice>
      <Copyable label={s.command} text={`openseer worker --server ${server} --enroll-token ${created.secret}`} />
      <p className="text-sm text-muted">{s.commandNote}</p>
    </div>
  );
}
