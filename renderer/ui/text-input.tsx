import type { ComponentProps } from 'react';

interface TextInputProps extends Omit<ComponentProps<'input'>, 'onChange' | 'value'> {
  readonly value: string;
  readonly onValueChange: (value: string) => void;
}

export function TextInput({ value, onValueChange, className, type = 'text', ...rest }: TextInputProps) {
  return (
    <input
      {...rest}
      type={type}
      className={className === undefined ? 'input' : `input ${className}`}
      value={value}
      onChange={(event) => onValueChange(event.target.value)}
      autoComplete="off"
      spellCheck={false}
    />
  );
}
