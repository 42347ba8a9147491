import { expect, expectNoSidewaysScroll, signedInTest as test } from './fixtures';

test('an unknown address is a 404 with a way home', async ({ page }) => {
  const response = await page.goto('/no/such/page');
  expect(response?.status()).toBe(404);
  await expect(page.getByRole('heading', { name: 'Page not found' })).toBeVisible();
  await page.getByRole('link', { name: 'Go to the monitors' }).click();
  await expect(page.getByRole('heading', { name: 'Monitors', exact: true })).toBeVisible();
});

test('an unknown monitor says so', async ({ page }) => {
  await page.goto('/monitors/999999999');
  await expect(page.getByRole('heading', { name: 'Monitor not found' })).toBeVisible();
});

test('pages break no rule of the content security policy', async ({ page }) => {
  const refused: string[] = [];
  page.on('console', (message) => {
    if (/content security policy/i.test(message.text())) refused.push(message.text());
  });
  for (const path of ['/', '/monitors/new', '/settings', '/workers', '/sign-in']) {
    const response = await page.goto(path);
    expect(response?.headers()['content-security-policy']).toContain("script-src 'self'");
    await expect(page.locator('h1, [role=status], [role=alert]').first()).toBeVisible();
    await expectNoSidewaysScroll(page);
  }
  expect(refused).toEqual([]);
});

test('only the owner sees the workers', async ({ page }) => {
  await expect(page.getByRole('link', { name: 'Workers' })).toHaveCount(0);
  await page.goto('/workers');
  await expect(page.getByText('Only the owner of this instance')).toBeVisible();
});
