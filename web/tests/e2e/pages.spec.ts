import { expect, signedInTest as test } from './fixtures';

test('an unknown address is a 404 with a way home', async ({ page }) => {
  const response = await page.goto('/no/such/page');
  expect(response?.status()).toBe(404);
  await expect(page.getByRole('heading', { name: 'Page not found' })).toBeVisible();
  await page.getByRole('link', { name: 'Go to the overview' }).click();
  await expect(page.getByRole('heading', { name: 'Overview', exact: true })).toBeVisible();
});

test('an unknown monitor says so', async ({ page }) => {
  await page.goto('/monitors/999999999');
  await expect(page.getByRole('heading', { name: 'Monitor not found' })).toBeVisible();
});

test('only the owner sees the workers', async ({ page }) => {
  await expect(page.getByRole('link', { name: 'Workers' })).toHaveCount(0);
  await page.goto('/workers');
  await expect(page.getByText('Only the owner of this instance')).toBeVisible();
});
