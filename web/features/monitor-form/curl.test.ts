import { expect, test } from 'vitest';

import { BodyType } from '@/gen/openseer/v1/monitor_service_pb';

import { parseCurl, shellWords } from './curl';

test.each([
  [`a 'b c' "d e"`, ['a', 'b c', 'd e']],
  [`'it'"'"'s' a\\ b`, [`it's`, 'a b']],
  [`"say \\"hi\\" \\n"`, ['say "hi" \\n']],
  ['a \\\n  b', ['a', 'b']],
  [`""`, ['']],
])('%s splits as a shell splits it', (text, words) => {
  expect(shellWords(text)).toEqual(words);
});

test('a quote that is never closed is no command', () => {
  expect(shellWords(`curl 'http://a`)).toBeUndefined();
  expect(parseCurl(`curl 'http://a`)).toBeUndefined();
});

test.each(['', 'wget http://a', 'curl', 'curl -s'])('"%s" is no request', (text) => {
  expect(parseCurl(text)).toBeUndefined();
});

test("a browser's copied request fills the form", () => {
  const read = parseCurl(`curl 'https://shop.example/api/cart?id=1' \\
  -X 'PUT' \\
  -H 'accept: application/json' \\
  -H 'content-type: application/json' \\
  -H 'authorization: Bearer abc' \\
  --data-raw '{"n":1}' \\
  --compressed --insecure -m 5`);
  expect(read?.unknown).toEqual([]);
  expect(read?.change).toMatchObject({
    url: 'https://shop.example/api/cart?id=1',
    method: 'PUT',
    body: '{"n":1}',
    bodyType: BodyType.JSON,
    skipTlsVerification: true,
    timeout: '5 s',
  });
  expect(read?.change.headers?.map(({ name, value, sensitive }) => [name, value, sensitive])).toEqual([
    ['accept', 'application/json', false],
    ['content-type', 'application/json', false],
    ['authorization', 'Bearer abc', true],
  ]);
});

test('data makes it a POST of a form, unless it goes into the query', () => {
  expect(parseCurl('curl -d a=1 -d b=2 example.com')?.change).toMatchObject({ url: 'http://example.com', method: 'POST', body: 'a=1&b=2', bodyType: BodyType.FORM });
  expect(parseCurl('curl -G -d a=1 http://example.com/x')?.change).toMatchObject({ url: 'http://example.com/x?a=1', method: 'GET' });
});

test('glued options and short flags together are read', () => {
  expect(parseCurl('curl -sSkL -XDELETE --request=PATCH http://a')?.change).toMatchObject({ method: 'PATCH', skipTlsVerification: true });
});

test('credentials become the authentication', () => {
  expect(parseCurl('curl -u ann:p:w http://a')?.change.auth).toMatchObject({ scheme: 'basic', username: 'ann', password: 'p:w' });
  expect(parseCurl('curl --digest -u ann:pw http://a')?.change.auth).toMatchObject({ scheme: 'digest', username: 'ann', password: 'pw' });
});

test('what a check cannot have is named', () => {
  expect(parseCurl('curl --form-string a=b --http3 http://a')?.unknown).toContain('--http3');
});
