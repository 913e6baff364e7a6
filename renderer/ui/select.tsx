import { ChevronDown } from 'lucide-react';
import { type ComponentProps, useRef } from 'react';

interface SelectProps extends Omit<ComponentProps<'select'>, 'children' | 'onChange' | 'value'> {
  readonly value: string;
  readonly onValueChange: (value: string) => void;
  readonly options: readonly { readonly value: string; readonly label: string }[];
}

/** The system's own list: it is quick, known to everybody, and works by keyboard and screen reader everywhere. */
export function Select({ value, onValueChange, options, className, ...rest }: SelectProps) {
  const isPointed = useRef(false);
  return (
    <span className={className === undefined ? 'select' : `select ${className}`}>
      <select
        {...rest}
        className="input"
        value={value}
        onPointerDown={() => {
          isPointed.current = true;
        }}
        onBlur={() => {
          isPointed.current = false;
        }}
        onChange={(event) => {
          onValueChange(event.target.value);
          // Letters would go on choosing from the list, where whoever pointed is done with it.
          if (isPointed.current) event.target.blur();
        }}
      >
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </select>
      <ChevronDown size={14} aria-hidden />
    </span>
  );
}
