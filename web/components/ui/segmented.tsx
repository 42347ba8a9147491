import { useId } from 'react';

interface SegmentedProps<Value extends string | number> {
  label: string;
  options: readonly { value: Value; text: string }[];
  value: Value;
  onValue: (value: Value) => void;
}

// One choice of a few, as a row of radio buttons that look like one control.
export function Segmented<Value extends string | number>({ label, options, value, onValue }: SegmentedProps<Value>) {
  const name = useId();
  return (
    <div role="radiogroup" aria-label={label} className="inline-flex rounded-lg border border-line bg-sunken p-0.5">
      {options.map((option) => (
        <label
          key={option.value}
          className="relative cursor-pointer rounded-md px-2 py-0.5 text-sm pointer-coarse:py-2 whitespace-nowrap text-muted hover:text-ink has-checked:bg-surface has-checked:font-medium has-checked:text-ink has-checked:shadow-sm has-focus-visible:outline-2 has-focus-visible:outline-offset-1 has-focus-visible:outline-accent"
        >
          <input
            type="radio"
            name={name}
            className="absolute inset-0 cursor-pointer opacity-0"
            checked={option.value === value}
            onChange={() => onValue(option.value)}
          />
          {option.text}
        </label>
      ))}
    </div>
  );
}
