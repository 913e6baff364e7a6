import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AppError } from '../../shared/errors.ts';
import { createAddressGuard } from './address-guard.ts';
import { FetchProblem } from './fetch-problem.ts';

function refusal(act: () => void): string | null {
  try {
    act();
    return null;
  } catch (error) {
    assert.ok(error instanceof FetchProblem);
    assert.equal(error.kind, 'refused');
    assert.notEqual(error.detail, '');
    return error.reason;
  }
}

describe('the address guard', () => {
  const closed = createAddressGuard({ allowHosts: [] });

  it('opens nothing by default', () => {
    for (const url of ['http://127.0.0.1/', 'http://127.0.0.2:8080/', 'http://[::1]/', 'https://10.0.0.1/']) {
      assert.equal(
        refusal(() => closed.checkUrl(new URL(url))),
        'address-refused',
        url,
      );
    }
    assert.equal(
      refusal(() => closed.checkUrl(new URL('https://8.8.8.8/a'))),
      null,
    );
  });

  it('refuses other schemes', () => {
    for (const url of [
      'file:///etc/passwd',
      'ftp://a.example/',
      'data:text/plain,a',
      'javascript:1',
      'blob:x',
      'ws://a/',
    ]) {
      assert.equal(
        refusal(() => closed.checkUrl(new URL(url))),
        'scheme-refused',
        url,
      );
    }
  });

  it('refuses a name when any of its addresses is not public', () => {
    const check = (...addresses: string[]) => refusal(() => closed.checkAddresses('a.example', 'http:', '', addresses));
    assert.equal(check('8.8.8.8', '2001:4860:4860::8888'), null);
    assert.equal(check('8.8.8.8', '127.0.0.1'), 'address-refused');
    assert.equal(check('::ffff:10.0.0.1'), 'address-refused');
    assert.equal(check('fe80::1%eth0'), 'address-refused');
  });

  it('opens exactly the given host and port', () => {
    const guard = createAddressGuard({ allowHosts: ['127.0.0.2:8080', 'images.lan:81', '[::1]:82'] });
    const literal = (url: string) => refusal(() => guard.checkUrl(new URL(url)));
    assert.equal(literal('http://127.0.0.2:8080/'), null);
    assert.equal(literal('http://0x7f.2:8080/'), null); // another spelling of the same address
    assert.equal(literal('http://127.0.0.2/'), 'address-refused');
    assert.equal(literal('http://127.0.0.2:8081/'), 'address-refused');
    assert.equal(literal('http://127.0.0.3:8080/'), 'address-refused');
    assert.equal(literal('http://[::ffff:127.0.0.2]:8080/'), 'address-refused');
    assert.equal(literal('http://[0:0::1]:82/'), null);
    const named = (host: string, port: string, address: string) =>
      refusal(() => guard.checkAddresses(host, 'http:', port, [address]));
    assert.equal(named('images.lan', '81', '10.0.0.5'), null);
    assert.equal(named('IMAGES.lan.', '81', '127.0.0.1'), null);
    assert.equal(named('images.lan', '80', '10.0.0.5'), 'address-refused');
    assert.equal(named('evil.example', '8080', '127.0.0.2'), 'address-refused');
    assert.equal(named('images.lan', '81', '169.254.169.254'), 'address-refused');
  });

  it('takes a host without a port to mean ports 80 and 443', () => {
    const guard = createAddressGuard({ allowHosts: ['10.0.0.5', 'fd00::5'] });
    const literal = (url: string) => refusal(() => guard.checkUrl(new URL(url)));
    assert.equal(literal('http://10.0.0.5/'), null);
    assert.equal(literal('https://10.0.0.5/'), null);
    assert.equal(literal('http://10.0.0.5:443/'), null);
    assert.equal(literal('http://10.0.0.5:8080/'), 'address-refused');
    assert.equal(literal('http://[fd00::5]/'), null);
  });

  it('rejects entries that are no host', () => {
    for (const entry of [
      '',
      ' ',
      'http://a.example',
      'a.example/x',
      '*.example',
      'a:0',
      'a:65536',
      'a:b',
      'a b',
      '[::1',
      '10.0.0.0/8',
      'u@a',
      ':80',
    ]) {
      assert.throws(() => createAddressGuard({ allowHosts: [entry] }), AppError, entry);
    }
  });
});
