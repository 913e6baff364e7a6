import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { labelColour } from './label-colour.ts';

describe('colours of labels', () => {
  it('are of the palette, whatever the label', () => {
    fc.assert(
      fc.property(fc.string(), (label) => {
        const colour = labelColour(label);
        assert.ok(Number.isInteger(colour) && colour >= 1 && colour <= 10);
        assert.equal(labelColour(label), colour);
      }),
    );
  });

  it('use all of the palette', () => {
    const colours = new Set(Array.from({ length: 300 }, (_, at) => labelColour(`label ${at}`)));
    assert.equal(colours.size, 10);
  });
});
