import dynamic from 'next/dynamic';
import { type SubmitEvent, useMemo, useState } from 'react';

import { Button, ButtonLink } from '@/components/ui/button';
import { TextField } from '@/components/ui/field';
import { PlayIcon } from '@/components/ui/icons';
import { Notice } from '@/components/ui/notice';
import { useFocusInvalid } from '@/components/ui/use-focus-invalid';
import type { MonitorSpec } from '@/gen/openseer/v1/monitor_service_pb';
import { otherViolations, type Refusal, violationOf } from '@/shared/api/errors';
import { useAction } from '@/shared/api/use-action';
import { t } from '@/strings';

import { parseCurl } from './curl';
import { AnswerSection, ConnectionSection, RequestSection, ScheduleSection, TlsSection, WhereSection } from './form-sections';
import { readSpec, type SpecDraft, withoutEmptyHeaders } from './spec-form';
import { type Check, useLiveViolations } from './use-live-violations';

const RunCheck = dynamic(() => import('@/shared/check/run-check').then((m) => m.RunCheck), { ssr: false });
const CurlDialog = dynamic(() => import('./curl-dialog').then((m) => m.CurlDialog), { ssr: false });

// Every field of a specification has its place in the form.
const shownPaths = [
  'name',
  'url',
  'method',
  'interval',
  'timeout',
  'headers',
  'body',
  'body_type',
  'accepted_statuses',
  'regions',
  'max_redirects',
  'skip_tls_verification',
  'authentication',
  'proxy',
  'http',
  'ip_family',
  'connect_address',
  'dns_server',
  'reuse_connection',
  'tls',
  'assertions',
  'retries',
  'tags',
].map((field) => `spec.${field}`);

interface MonitorFormProps {
  initial: SpecDraft;
  // Whose stored secrets a trial uses; undefined for a new monitor.
  monitorId?: string;
  submit: string;
  cancelHref: string;
  // Asks the server what is wrong, without saving.
  onCheck: Check;
  onSave: (spec: MonitorSpec) => Promise<void>;
}

// A URL is all it needs; everything else has a default and a section.
export function MonitorForm({ initial, monitorId, submit, cancelHref, onCheck, onSave }: MonitorFormProps) {
  const [draft, setDraft] = useState(initial);
  const [unreadable, setUnreadable] = useState<Record<string, string>>({});
  const [trial, setTrial] = useState<MonitorSpec>();
  const [pasting, setPasting] = useState(false);
  const [unknown, setUnknown] = useState<string[]>([]);
  const save = useAction(onSave);
  const live = useLiveViolations(draft, initial, onCheck);
  const refused = useMemo<Refusal>(
    () => ({ message: save.refusal.message, fields: { ...save.refusal.fields, ...unreadable } }),
    [save.refusal, unreadable],
  );
  // What was refused moves the focus; what is noticed while typing does not.
  const form = useFocusInvalid(refused);
  // A refusal is of all that was typed: what was noticed before may be out of date.
  const refusal: Refusal = Object.keys(refused.fields).length > 0 ? refused : { message: refused.message, fields: live };
  const s = t().form;

  const set = (change: Partial<SpecDraft>) => {
    setDraft((was) => ({ ...was, ...change }));
    if (Object.keys(save.refusal.fields).length > 0) save.clear();
    setUnreadable((was) => (Object.keys(was).length === 0 ? was : {}));
  };
  const fill = (change: Partial<SpecDraft>, left: string[]) => {
    set(change);
    setUnknown(left);
    setPasting(false);
  };
  const read = (then: (spec: MonitorSpec) => void) => {
    const meant = withoutEmptyHeaders(draft);
    setDraft(meant);
    const answer = readSpec(meant);
    if ('fields' in answer) {
      save.clear();
      setUnreadable(answer.fields);
      return;
    }
    setUnreadable({});
    then(answer.spec);
  };
  const onSubmit = (event: SubmitEvent) => {
    event.preventDefault();
    read(save.run);
  };

  const others = otherViolations(refusal, shownPaths);
  const section = { draft, refusal, set };
  return (
    <form ref={form} onSubmit={onSubmit} noValidate className="flex flex-col gap-4">
      {refusal.message !== '' && <Notice tone="error">{refusal.message}</Notice>}
      {others.length > 0 && <Notice tone="error">{others.join(' ')}</Notice>}
      {unknown.length > 0 && <Notice tone="warning">{s.curlUnknown(unknown.join(', '))}</Notice>}

      <div className="grid gap-4 p-4 card sm:p-5">
        <TextField
          label="URL"
          type="url"
          inputMode="url"
          placeholder="https://example.com/health"
          autoComplete="off"
          spellCheck={false}
          // The page is for this field.
          // eslint-disable-next-line jsx-a11y/no-autofocus
          autoFocus
          value={draft.url}
          onValue={(url) => set({ url })}
          onPaste={(event) => {
            const pasted = parseCurl(event.clipboardData.getData('text'));
            if (pasted === undefined) return;
            event.preventDefault();
            fill(pasted.change, pasted.unknown);
          }}
          error={violationOf(refusal, 'spec.url')}
          hint={
            <>
              {s.urlHint}{' '}
              <button type="button" className="rounded-sm text-accent underline underline-offset-2" onClick={() => setPasting(true)}>
                {s.curlOpen}
              </button>
            </>
          }
          required
        />
        <div className="grid gap-4 sm:grid-cols-2 sm:items-start">
          <TextField label={s.name} autoComplete="off" hint={s.nameHint} value={draft.name} onValue={(name) => set({ name })} error={violationOf(refusal, 'spec.name')} />
          <TextField label={s.tags} autoComplete="off" hint={s.tagsHint} value={draft.tags} onValue={(tags) => set({ tags })} error={violationOf(refusal, 'spec.tags')} />
        </div>
      </div>

      <ScheduleSection {...section} />
      <WhereSection {...section} />
      <AnswerSection {...section} />
      <RequestSection {...section} />
      <ConnectionSection {...section} />
      <TlsSection {...section} />

      <div className="sticky bottom-16 z-10 flex flex-wrap justify-end gap-2 p-3 floating lg:bottom-3">
        <Button className="mr-auto" onClick={() => read(setTrial)}>
          <PlayIcon /> {s.tryIt}
        </Button>
        <ButtonLink href={cancelHref}>{t().ui.cancel}</ButtonLink>
        <Button type="submit" look="primary" busy={save.busy}>
          {save.busy ? s.saving : submit}
        </Button>
      </div>
      {trial !== undefined && (
        <RunCheck
          title={t().runCheck.trial}
          what={{ spec: trial, ...(monitorId === undefined ? {} : { monitorId }) }}
          regions={draft.regions.length === 0 ? ['global'] : draft.regions}
          onClose={() => setTrial(undefined)}
        />
      )}
      {pasting && <CurlDialog onFill={fill} onClose={() => setPasting(false)} />}
    </form>
  );
}
