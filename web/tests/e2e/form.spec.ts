import { expect, expectNoSidewaysScroll, signedInTest as test } from './fixtures';

test('what is wrong is shown beside its field, and nothing typed is lost', async ({ page }) => {
  await page.goto('/monitors/new');
  await page.getByLabel('URL').fill('ftp://example.org/');
  await page.getByLabel('Name', { exact: true }).fill('Kept');
  await page.getByLabel('Body').fill('still here');
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
  await expect(page.getByLabel('Body')).toHaveValue('still here');
  await expectNoSidewaysScroll(page);

  await url.fill('http://127.0.0.1:1/');
  await page.getByLabel('Header 1 name').fill('Good-Name');
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
  await page.getByLabel('Interval').fill('soon');
  await page.getByLabel('Accepted status codes').fill('ok');
  await page.getByRole('button', { name: 'Add monitor' }).click();
  await expect(page.getByLabel('Interval')).toHaveAccessibleDescription(/Enter a time/);
  await expect(page.getByLabel('Accepted status codes')).toHaveAccessibleDescription(/Enter codes/);
});

test('skipping TLS verification is warned of loudly', async ({ page }) => {
  await page.goto('/monitors/new');
  await page.getByLabel('Skip TLS verification').check();
  await expect(page.getByRole('alert').filter({ hasText: 'Dangerous' })).toBeVisible();
});
