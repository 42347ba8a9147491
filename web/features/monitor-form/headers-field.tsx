import { useId, useRef } from 'react';

import { Button, IconButton } from '@/components/ui/button';
import { controlProps, FieldGroup, FieldNotes } from '@/components/ui/field';
import { CloseIcon, PlusIcon } from '@/components/ui/icons';
import { type Refusal, violationOf } from '@/shared/api/errors';
import { t } from '@/strings';

import type { HeaderDraft } from './spec-form';

interface HeadersFieldProps {
  headers: HeaderDraft[];
  refusal: Refusal;
  onHeaders: (headers: HeaderDraft[]) => void;
}

export function HeadersField({ headers, refusal, onHeaders }: HeadersFieldProps) {
  const nextKey = useRef(1000);
  const rowErrors = headers.some((_, index) => violationOf(refusal, `spec.headers[${index}]`) !== undefined);

  const add = () => {
    nextKey.current += 1;
    onHeaders([...headers, { key: nextKey.current, name: '', value: '', sensitive: false, stored: false }]);
  };

  return (
    <FieldGroup
      label={t().form.headers}
      hint={t().form.headersHint}
      error={rowErrors ? undefined : violationOf(refusal, 'spec.headers')}
    >
      <div className="flex flex-col gap-3">
        {headers.map((header, index) => (
          <HeaderRow
            key={header.key}
            number={index + 1}
            path={`spec.headers[${index}]`}
            header={header}
            refusal={refusal}
            onHeader={(changed) => onHeaders(headers.map((other) => (other.key === header.key ? changed : other)))}
            onRemove={() => onHeaders(headers.filter((other) => other.key !== header.key))}
          />
        ))}
        <div>
          <Button onClick={add}>
            <PlusIcon /> {t().form.addHeader}
          </Button>
        </div>
      </div>
    </FieldGroup>
  );
}

interface HeaderRowProps {
  number: number;
  path: string;
  header: HeaderDraft;
  refusal: Refusal;
  onHeader: (header: HeaderDraft) => void;
  onRemove: () => void;
}

function HeaderRow({ number, path, header, refusal, onHeader, onRemove }: HeaderRowProps) {
  const id = useId();
  const nameError = violationOf(refusal, `${path}.name`);
  const valueError = violationOf(refusal, `${path}.value`) ?? (nameError === undefined ? violationOf(refusal, path) : undefined);
  return (
    <div className="grid grid-cols-[1fr_auto] gap-2 sm:grid-cols-[2fr_3fr_auto_auto] sm:items-start">
      <div className="col-span-2 min-w-0 sm:col-span-1">
        <input
          {...controlProps(`${id}-name`, false, nameError)}
          className="control"
          aria-label={t().form.headerNameOf(number)}
          placeholder={t().form.name}
          autoComplete="off"
          spellCheck={false}
          value={header.name}
          onChange={(event) => onHeader({ ...header, name: event.target.value })}
        />
        <FieldNotes id={`${id}-name`} error={nameError} />
      </div>
      <div className="col-span-2 min-w-0 sm:col-span-1">
        <input
          {...controlProps(`${id}-value`, false, valueError)}
          className="control"
          aria-label={t().form.headerValueOf(number)}
          placeholder={header.stored && header.sensitive ? t().form.unchanged : t().form.value}
          type={header.sensitive ? 'password' : 'text'}
          autoComplete="off"
          spellCheck={false}
          value={header.value}
          onChange={(event) => onHeader({ ...header, value: event.target.value })}
        />
        <FieldNotes id={`${id}-value`} error={valueError} />
      </div>
      <label className="flex min-h-9 items-center gap-2 text-sm">
        <input
          type="checkbox"
          className="size-4 accent-(--accent)"
          checked={header.sensitive}
          onChange={(event) => onHeader({ ...header, sensitive: event.target.checked })}
        />
        {t().form.sensitive}
      </label>
      <IconButton label={t().form.removeHeader(number)} onClick={onRemove}>
        <CloseIcon />
      </IconButton>
    </div>
  );
}
