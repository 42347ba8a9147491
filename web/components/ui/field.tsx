import { type InputHTMLAttributes, type ReactNode, useId, useState } from 'react';

import { t } from '@/strings';

import { DownIcon } from './icons';

// What ties a control to its label, its hint and what is wrong with it.
export interface ControlProps {
  id: string;
  'aria-describedby': string | undefined;
  'aria-invalid': true | undefined;
}

interface FieldProps {
  label: string;
  hint?: ReactNode;
  error?: string | undefined;
  children: (control: ControlProps) => ReactNode;
}

export function Field({ label, hint, error, children }: FieldProps) {
  const id = useId();
  return (
    <div className="flex min-w-0 flex-col gap-1">
      <label htmlFor={id} className="font-medium">
        {label}
      </label>
      {children(controlProps(id, hint !== undefined, error))}
      <FieldNotes id={id} hint={hint} error={error} />
    </div>
  );
}

// A set of controls that share one name, hint and error.
export function FieldGroup({ label, hint, error, children }: Omit<FieldProps, 'children'> & { children: ReactNode }) {
  const id = useId();
  const described = controlProps(id, hint !== undefined, error)['aria-describedby'];
  return (
    <fieldset className="flex min-w-0 flex-col gap-1" aria-describedby={described}>
      <legend className="mb-1 font-medium">{label}</legend>
      {children}
      <FieldNotes id={id} hint={hint} error={error} />
    </fieldset>
  );
}

export function controlProps(id: string, hasHint: boolean, error: string | undefined): ControlProps {
  const described = [error !== undefined ? `${id}-error` : '', hasHint ? `${id}-hint` : ''].filter(Boolean).join(' ');
  return {
    id,
    'aria-describedby': described === '' ? undefined : described,
    'aria-invalid': error === undefined ? undefined : true,
  };
}

export function FieldNotes({ id, hint, error }: { id: string; hint?: ReactNode; error?: string | undefined }) {
  return (
    <>
      {error !== undefined && (
        <p id={`${id}-error`} className="flex items-start gap-1.5 text-sm text-down">
          <DownIcon className="mt-0.5 size-4" />
          {error}
        </p>
      )}
      {hint !== undefined && (
        <p id={`${id}-hint`} className="text-sm text-muted">
          {hint}
        </p>
      )}
    </>
  );
}

interface TextFieldProps extends Omit<InputHTMLAttributes<HTMLInputElement>, 'onChange' | 'value'> {
  label: string;
  hint?: ReactNode;
  error?: string | undefined;
  value: string;
  onValue: (value: string) => void;
}

export function TextField({ label, hint, error, value, onValue, className = '', ...rest }: TextFieldProps) {
  return (
    <Field label={label} hint={hint} error={error}>
      {(control) => (
        <input
          {...control}
          className={`control ${className}`}
          value={value}
          onChange={(event) => onValue(event.target.value)}
          {...rest}
        />
      )}
    </Field>
  );
}

export function PasswordField({ label, hint, error, value, onValue, ...rest }: TextFieldProps) {
  const [shown, setShown] = useState(false);
  return (
    <Field label={label} hint={hint} error={error}>
      {(control) => (
        <div className="relative">
          <input
            {...control}
            type={shown ? 'text' : 'password'}
            className="control pr-16"
            value={value}
            onChange={(event) => onValue(event.target.value)}
            {...rest}
          />
          <button
            type="button"
            className="absolute inset-y-1 right-1 rounded-md px-2.5 text-sm text-muted hover:bg-sunken hover:text-ink"
            aria-label={shown ? t().ui.hideSecret(label) : t().ui.showSecret(label)}
            onClick={() => setShown(!shown)}
          >
            {shown ? t().ui.hide : t().ui.show}
          </button>
        </div>
      )}
    </Field>
  );
}

interface SelectFieldProps<Value extends string | number> {
  label: string;
  hint?: ReactNode;
  error?: string | undefined;
  options: readonly { value: Value; text: string }[];
  value: Value;
  onValue: (value: Value) => void;
}

// The browser's own select: it is the one that works everywhere.
export function SelectField<Value extends string | number>({ label, hint, error, options, value, onValue }: SelectFieldProps<Value>) {
  return (
    <Field label={label} hint={hint} error={error}>
      {(control) => (
        <select
          {...control}
          className="control"
          value={value}
          onChange={(event) => onValue(options.find((option) => String(option.value) === event.target.value)?.value ?? value)}
        >
          {options.map((option) => (
            <option key={option.value} value={option.value}>
              {option.text}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

interface TextAreaProps {
  label: string;
  hint?: ReactNode;
  error?: string | undefined;
  value: string;
  rows?: number;
  placeholder?: string;
  onValue: (value: string) => void;
}

// For code and bodies: a fixed-width font and no spelling.
export function TextArea({ label, hint, error, value, rows = 4, placeholder, onValue }: TextAreaProps) {
  return (
    <Field label={label} hint={hint} error={error}>
      {(control) => (
        <textarea
          {...control}
          rows={rows}
          className="control font-mono text-sm"
          spellCheck={false}
          placeholder={placeholder}
          value={value}
          onChange={(event) => onValue(event.target.value)}
        />
      )}
    </Field>
  );
}

interface CheckboxProps {
  label: ReactNode;
  hint?: ReactNode;
  checked: boolean;
  disabled?: boolean;
  onChecked: (checked: boolean) => void;
}

export function Checkbox({ label, hint, checked, disabled, onChecked }: CheckboxProps) {
  const id = useId();
  return (
    <div className="flex gap-2.5 py-1">
      <input
        id={id}
        type="checkbox"
        className="mt-1 size-4 shrink-0 accent-(--accent)"
        checked={checked}
        disabled={disabled}
        aria-describedby={hint === undefined ? undefined : `${id}-hint`}
        onChange={(event) => onChecked(event.target.checked)}
      />
      <div className="min-w-0">
        <label htmlFor={id}>{label}</label>
        <FieldNotes id={id} hint={hint} />
      </div>
    </div>
  );
}
