import { type ComponentProps, useState } from 'react';

interface NumberInputProps extends Omit<ComponentProps<'input'>, 'onChange' | 'value'> {
  /** null for an empty field. */
  readonly value: number | null;
  /** Gets numbers only, and null for an empty field; what is typed in between stays in the field. */
  readonly onValueChange: (value: number | null) => void;
}

export function NumberInput({ value, onValueChange, className, ...rest }: NumberInputProps) {
  const [typed, setTyped] = useState<string | null>(null);
  return (
    <input
      {...rest}
      type="number"
      inputMode="decimal"
      className={className === undefined ? 'input numeric' : `input numeric ${className}`}
      value={typed ?? (value === null ? '' : String(value))}
      onChange={(event) => {
        const text = event.target.value;
        setTyped(text);
        if (text === '') onValueChange(null);
        else if (Number.isFinite(Number(text))) onValueChange(Number(text));
      }}
      onBlur={() => setTyped(null)}
    />
  );
}
