/**
 * Where SQL may be written. Import rules cannot tell: a statement is a text. `layers.test.ts` proves that each rule bites.
 *
 * Statements lie in `*-repository.ts`, which extend one base, so that one place says what a table promises. Below
 * `core/db/` are the schema, the connections and what repositories build statements of (`sample-query.ts`, which only they
 * may import). Tests look at rows as they please.
 */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseSync } from '@swc/core';
import type { IModule } from 'dependency-cruiser';

export const SQL_RULES = ['sql-belongs-to-repositories', 'repositories-share-one-base'] as const;

export interface Violation {
  readonly rule: string;
  /** The file that breaks it. */
  readonly from: string;
  /** What it should not have there, or lacks. */
  readonly to: string;
}

const REPOSITORY = /-repository\.ts$/;
const BASE = 'core/db/repository.ts';
const TESTS = /\.(test|fixture)\.tsx?$|\/testing\//;

/** As this project writes it, keywords in capitals: texts for people may say "select … from" too. */
const STATEMENT =
  /\b(SELECT\s|(INSERT|REPLACE)\s+(OR\s+\w+\s+)?INTO\b|UPDATE\s+(OR\s+\w+\s+)?\S+\s+SET\b|DELETE\s+FROM\b|(CREATE|DROP|ALTER)\s+(\w+\s+)?(TABLE|INDEX|TRIGGER|VIEW)\b)/;
/** Beginnings of statements of Kysely's query builder. */
const BUILDERS: ReadonlySet<string> = new Set(['selectFrom', 'insertInto', 'replaceInto', 'updateTable', 'deleteFrom']);

/** @returns what breaks the rules, and how many statements were found in all, which must not be none */
export function checkSql(root: string, modules: readonly IModule[]): { violations: Violation[]; statements: number } {
  const violations: Violation[] = [];
  let statements = 0;
  for (const { source, dependencies, couldNotResolve } of modules) {
    if (!/\.tsx?$/.test(source) || source.startsWith('node_modules/') || couldNotResolve === true) continue;
    const found = statementsIn(readFileSync(join(root, source), 'utf8'), source.endsWith('x'));
    statements += found.length;
    const isRepository = REPOSITORY.test(source);
    if (isRepository && !dependencies.some(({ resolved }) => resolved === BASE)) {
      violations.push({ rule: 'repositories-share-one-base', from: source, to: BASE });
    }
    if (isRepository || source.startsWith('core/db/') || source.startsWith('tests/') || TESTS.test(source)) continue;
    for (const statement of found)
      violations.push({ rule: 'sql-belongs-to-repositories', from: source, to: statement });
  }
  return { violations, statements };
}

/** The beginning of each statement that a source text writes; comments are none. */
function statementsIn(text: string, isTsx: boolean): string[] {
  const found: string[] = [];
  walk(parseSync(text, { syntax: 'typescript', tsx: isTsx, target: 'es2024' }), (node) => {
    const written = textOf(node);
    if (written !== null) {
      const match = STATEMENT.exec(written);
      if (match !== null) found.push(written.slice(match.index, match.index + 60).replaceAll(/\s+/g, ' '));
    } else if (node.type === 'MemberExpression') {
      const { value } = node.property as { value?: unknown };
      if (typeof value === 'string' && BUILDERS.has(value)) found.push(`${value}(…)`);
    }
  });
  return found;
}

type Node = Readonly<Record<string, unknown>>;

/** What a literal says, with a word for each value that a template puts in; null for other nodes. */
function textOf(node: Node): string | null {
  if (node.type === 'StringLiteral') return node.value as string;
  if (node.type !== 'TemplateLiteral') return null;
  const parts = node.quasis as readonly { readonly raw: string; readonly cooked?: string }[];
  return parts.map(({ raw, cooked }) => cooked ?? raw).join('value');
}

function walk(node: unknown, visit: (node: Node) => void): void {
  if (Array.isArray(node)) for (const each of node) walk(each, visit);
  else if (typeof node === 'object' && node !== null) {
    visit(node as Node);
    for (const each of Object.values(node)) walk(each, visit);
  }
}
