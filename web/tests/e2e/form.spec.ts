import { Comparison, Source } from '@/gen/openseer/v1/monitor_service_pb';

import { expect, expectNoSidewaysScroll, signedInTest as test, unfold } from './fixtures';

test('what is wrong is shown beside its field, and nothing typed is lost', async ({ page }) => {
  await page.goto('/monitors/new');
  await page.getByLabel('URL').fill('ftp://example.org/');
  await page.getByLabel('Name', { exact: true }).fill('Kept');
  await unfold(page, 'Request');
  await page.getByLabel('Body', { exact: true }).fill('still here');
  await page.getByRole('button', { name: 'Add header' }).click();
  await page.getByLabel('Header 1 name').fill('Bad Name');
  await page.getByLabel('Header 1 value').fill('x');
  await page.getByRole('button', { name: 'Add monitor' }).click();

  const url = page.getByLabel('URL');
  await expect(url).toHaveAttribute('aria-invalid', 'true');
  await expect(url).toHaveAccessibleDescription(/http/);
  await expect(url).toBeFocused();
  await expect(page.getByLabel('Header 1 name')).toHaveAttribute('aria-invalid', 'true');
  await expect(url).toHaveValue('ftp://example.org/');
  await expect(page.getByLabel('Name', { exact: true })).toHaveValue('Kept');
  await expect(page.getByLabel('Body', { exact: true })).toHaveValue('still here');
  await expectNoSidewaysScroll(page);

  await url.fill('http://127.0.0.1:1/');
  await page.getByLabel('Header 1 name').fill('Good-Name');
  await unfold(page, 'Schedule');
  await page.getByLabel('Interval').fill('48 h');
  await page.getByRole('button', { name: 'Add monitor' }).click();
  await expect(page.getByLabel('Interval')).toHaveAccessibleDescription(/24 h/);
  await expect(page.getByLabel('Interval')).toBeFocused();
  await expect(url).not.toHaveAttribute('aria-invalid');

  await page.goto('/');
  await expect(page.getByRole('heading', { name: 'Watch your first URL' })).toBeVisible();
});

test('what cannot be read is refused before it is sent', async ({ page }) => {
  await page.goto('/monitors/new');
  await page.getByLabel('URL').fill('http://127.0.0.1:1/');
  await unfold(page, 'Schedule');
  await page.getByLabel('Interval').fill('soon');
  await unfold(page, 'What a good answer is');
  await page.getByLabel('Accepted status codes').fill('ok');
  await page.getByRole('button', { name: 'Add monitor' }).click();
  await expect(page.getByLabel('Interval')).toHaveAccessibleDescription(/Enter a time/);
  await expect(page.getByLabel('Accepted status codes')).toHaveAccessibleDescription(/Enter codes/);
});

test('skipping TLS verification is warned of loudly', async ({ page }) => {
  await page.goto('/monitors/new');
  await unfold(page, 'TLS');
  await page.getByLabel('Skip TLS verification').check();
  await expect(page.getByRole('alert').filter({ hasText: 'Dangerous' })).toBeVisible();
});

test('the server’s own words stand beside a field while it is typed', async ({ page }) => {
  await page.goto('/monitors/new');
  const url = page.getByLabel('URL');
  await url.fill('ftp://example.org/');
  await expect(url).toHaveAccessibleDescription(/http/);
  await url.fill('http://127.0.0.1:1/');
  await expect(url).not.toHaveAttribute('aria-invalid');
});

test('a pasted curl command fills the form', async ({ page }) => {
  await page.goto('/monitors/new');
  await page.getByRole('button', { name: 'paste one here' }).click();
  await page.getByRole('textbox', { name: 'curl command' }).fill(`curl -X PUT 'http://127.0.0.1:1/cart' -H 'Content-Type: application/json' -d '{"n":1}' --max-time 3`);
  await page.getByRole('button', { name: 'Fill the form' }).click();
  await expect(page.getByLabel('URL')).toHaveValue('http://127.0.0.1:1/cart');
  await expect(page.getByLabel('Method')).toHaveValue('PUT');
  await expect(page.getByLabel('Header 1 name')).toHaveValue('Content-Type');
  await expect(page.getByLabel('Body', { exact: true })).toHaveValue('{"n":1}');
  await expect(page.getByLabel('Time-out')).toHaveValue('3 s');
});

test('a check can be tried before it is saved', async ({ page, target }) => {
  await page.goto('/monitors/new');
  await page.getByLabel('URL').fill(target.url);
  await page.getByRole('button', { name: 'Try it' }).click();
  const trial = page.getByTestId('run-result');
  await expect(trial).toContainText('OK');
  await expect(trial.getByTestId('waterfall')).toContainText('Total');
});

test('every source offers the comparisons that the server takes, and no others', async ({ page, isMobile }) => {
  test.skip(isMobile, 'the same choices');
  await page.goto('/monitors/new');
  await unfold(page, 'What a good answer is');
  await page.getByRole('button', { name: 'Add assertion' }).click();
  const source = page.getByLabel('What is looked at');
  const offered: Record<string, string[]> = {};
  for (const value of numbersOf(Source)) {
    await source.selectOption(value);
    offered[value] = (await page.getByLabel('How it is compared').locator('option').evaluateAll((options) => options.map((option) => (option as HTMLOptionElement).value))).sort();
  }
  // From the page: the session's cookie is for secure origins only.
  const call = async <Answer>(method: string, message: unknown): Promise<Answer> => {
    const post = async ([path, body]: readonly [string, string]) => (await fetch(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body })).text();
    return JSON.parse(await page.evaluate(post, [`/api/openseer.v1.${method}`, JSON.stringify(message)] as const)) as Answer;
  };
  const { memberships } = await call<{ memberships: { workspaceId: string }[] }>('UserService/GetCurrentUser', {});
  const taken: Record<string, string[]> = {};
  for (const value of numbersOf(Source)) {
    const assertions = numbersOf(Comparison).map((comparison) => ({ source: Number(value), comparison: Number(comparison) }));
    const spec = { url: 'http://a', assertions };
    const { details } = await call<{ details?: { value: string }[] }>('MonitorService/CreateMonitor', { workspaceId: memberships[0]?.workspaceId, spec, validateOnly: true });
    // google.rpc.BadRequest, in which the fields' paths can be read as they are.
    const faults = (details ?? []).map((detail) => Buffer.from(detail.value, 'base64').toString('latin1')).join();
    taken[value] = numbersOf(Comparison).filter((_, index) => !faults.includes(`spec.assertions[${index}].comparison`)).sort();
  }
  expect(offered).toEqual(taken);
});

function numbersOf(names: object): string[] {
  return Object.keys(names).filter((key) => /^[1-9]/.test(key));
}
