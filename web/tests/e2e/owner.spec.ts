import { expect, expectNoSidewaysScroll, signIn, test } from './fixtures';

test('the owner makes a token, and revokes it', async ({ page }) => {
  const email = process.env.OPENSEER_OWNER_EMAIL;
  const password = process.env.OPENSEER_OWNER_PASSWORD;
  if (email === undefined || password === undefined) throw new Error('OPENSEER_OWNER_EMAIL and OPENSEER_OWNER_PASSWORD are not set');
  // Its own region, so that the two projects do not meet.
  const region = `test-${Date.now().toString(36)}${test.info().project.name}`;
  await page.goto('/sign-in?next=/workers');
  await signIn(page, { email, password });
  await expect(page.getByText('Online', { exact: true }).first()).toBeVisible();

  await page.getByRole('combobox', { name: 'Region' }).fill(region);
  await page.getByRole('button', { name: 'Create token' }).click();
  await expect(page.getByLabel('Worker command')).toHaveValue(/^openseer worker --server https:\/\/.+ --enroll-token \S+\.[0-9a-f]{64}$/);
  await expectNoSidewaysScroll(page);

  await page.getByRole('button', { name: `Revoke the token for ${region}` }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
  await expect(page.getByRole('button', { name: `Revoke the token for ${region}` })).toHaveCount(0);

  await page.goto('/settings/instance');
  await expect(page.getByLabel('Open sign-up')).toBeChecked();
});
