import { useId, useRef } from 'react';

import { Button, IconButton } from '@/components/ui/button';
import { controlProps, FieldNotes } from '@/components/ui/field';
import { CloseIcon, PlusIcon } from '@/components/ui/icons';
import { Comparison, Severity, Source } from '@/gen/openseer/v1/monitor_service_pb';
import { type Refusal, violationOf } from '@/shared/api/errors';
import { t } from '@/strings';

import { comparisonsOf, comparisonWords, needsProperty, needsTarget, sources, sourceWords } from './assertion-words';
import type { AssertionDraft } from './spec-form';

interface AssertionsFieldProps {
  assertions: AssertionDraft[];
  refusal: Refusal;
  onAssertions: (assertions: AssertionDraft[]) => void;
}

export function AssertionsField({ assertions, refusal, onAssertions }: AssertionsFieldProps) {
  const nextKey = useRef(1000);
  const add = () => {
    nextKey.current += 1;
    onAssertions([
      ...assertions,
      { key: nextKey.current, source: Source.BODY, property: '', comparison: Comparison.CONTAINS, target: '', severity: Severity.UNSPECIFIED },
    ]);
  };
  return (
    <fieldset className="flex flex-col gap-3">
      <legend className="mb-1 font-medium">{t().form.assertions}</legend>
      {assertions.map((assertion, index) => (
        <Row
          key={assertion.key}
          number={index + 1}
          path={`spec.assertions[${index}]`}
          assertion={assertion}
          refusal={refusal}
          onAssertion={(changed) => onAssertions(assertions.map((other) => (other.key === assertion.key ? changed : other)))}
          onRemove={() => onAssertions(assertions.filter((other) => other.key !== assertion.key))}
        />
      ))}
      <div>
        <Button onClick={add}>
          <PlusIcon /> {t().form.addAssertion}
        </Button>
      </div>
    </fieldset>
  );
}

interface RowProps {
  number: number;
  path: string;
  assertion: AssertionDraft;
  refusal: Refusal;
  onAssertion: (assertion: AssertionDraft) => void;
  onRemove: () => void;
}

function Row({ number, path, assertion, refusal, onAssertion, onRemove }: RowProps) {
  const id = useId();
  const s = t().form;
  const error = violationOf(refusal, path);
  const comparisons = comparisonsOf(assertion.source);
  const choose = (source: Source) => {
    const allowed = comparisonsOf(source);
    onAssertion({
      ...assertion,
      source,
      property: needsProperty(source) ? assertion.property : '',
      comparison: allowed.includes(assertion.comparison) ? assertion.comparison : (allowed[0] ?? Comparison.EQUALS),
    });
  };
  return (
    <div className="rounded-lg border border-line p-3" role="group" aria-label={s.assertion(number)}>
      <div className="grid gap-2 sm:grid-cols-[minmax(0,1fr)_minmax(0,1fr)_auto_auto] sm:items-center">
        <select aria-label={s.source} className="control" value={assertion.source} onChange={(event) => choose(sources.find((source) => String(source) === event.target.value) ?? assertion.source)}>
          {sources.map((source) => (
            <option key={source} value={source}>
              {sourceWords(source)}
            </option>
          ))}
        </select>
        <select
          aria-label={s.comparison}
          className="control"
          value={assertion.comparison}
          onChange={(event) =>
            onAssertion({ ...assertion, comparison: comparisons.find((comparison) => String(comparison) === event.target.value) ?? assertion.comparison })
          }
        >
          {comparisons.map((comparison) => (
            <option key={comparison} value={comparison}>
              {comparisonWords(comparison)}
            </option>
          ))}
        </select>
        <select
          aria-label={s.severity}
          className="control"
          value={assertion.severity === Severity.DEGRADED ? Severity.DEGRADED : Severity.FAIL}
          onChange={(event) => onAssertion({ ...assertion, severity: event.target.value === String(Severity.DEGRADED) ? Severity.DEGRADED : Severity.FAIL })}
        >
          <option value={Severity.FAIL}>{s.failing}</option>
          <option value={Severity.DEGRADED}>{s.degrading}</option>
        </select>
        <IconButton label={s.removeAssertion(number)} onClick={onRemove}>
          <CloseIcon />
        </IconButton>
        {needsProperty(assertion.source) && (
          <input
            {...controlProps(`${id}-property`, false, violationOf(refusal, `${path}.property`))}
            className="font-mono text-sm control"
            aria-label={assertion.source === Source.HEADER ? s.headerName : s.jsonPath}
            placeholder={assertion.source === Source.HEADER ? 'Content-Type' : '$.status'}
            autoComplete="off"
            spellCheck={false}
            value={assertion.property}
            onChange={(event) => onAssertion({ ...assertion, property: event.target.value })}
          />
        )}
        {needsTarget(assertion.comparison) && (
          <input
            {...controlProps(`${id}-target`, false, violationOf(refusal, `${path}.target`))}
            className={`control ${needsProperty(assertion.source) ? '' : 'sm:col-span-2'}`}
            aria-label={s.target}
            placeholder={s.targetOf(assertion.source === Source.STATUS, assertion.comparison === Comparison.MATCHES)}
            autoComplete="off"
            spellCheck={false}
            value={assertion.target}
            onChange={(event) => onAssertion({ ...assertion, target: event.target.value })}
          />
        )}
      </div>
      <FieldNotes id={id} error={error} />
    </div>
  );
}
