import type { ComponentProps } from 'react';

interface ButtonProps extends ComponentProps<'button'> {
  /** `primary` is the one thing a screen is for. Default `plain`. */
  readonly variant?: 'plain' | 'primary' | 'ghost' | 'danger';
  readonly size?: 'normal' | 'small';
}

export function Button({ variant = 'plain', size = 'normal', className, type = 'button', ...rest }: ButtonProps) {
  const classes = className === undefined ? 'button' : `button ${className}`;
  return <button {...rest} type={type} className={classes} data-variant={variant} data-size={size} />;
}
