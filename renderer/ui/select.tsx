import type { ComponentProps } from 'react';

interface SelectProps extends Omit<ComponentProps<'select'>, 'children' | 'onChange' | 'value'> {
  readonly value: string;
  readonly onValueChange: (value: string) => void;
  readonly options: readonly { readonly value: string; readonly label: string }[];
}

/** The system's own list: it is quick, known to everybody, and works by keyboard and screen reader everywhere. */
export function Select({ value, onValueChange, options, className, ...rest }: SelectProps) {
  return (
    <select
      {...rest}
      className={className === undefined ? 'input' : `input ${className}`}
      value={value}
      onChange={(event) => onValueChange(event.target.value)}
    >
      {options.map((option) => (
        <option key={option.value} value={option.value}>
          {option.label}
        </option>
      ))}
    </select>
  );
}
