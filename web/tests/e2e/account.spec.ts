import { expect, newAccount, signIn, signUp, test } from './fixtures';

test('sign up, sign out, sign back in', async ({ page, account }) => {
  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible();

  await signIn(page, account);
  await expect(page.getByRole('heading', { name: 'Overview', exact: true })).toBeVisible();
});

test('a wrong password and an unknown account get the same message', async ({ page, account }) => {
  await page.getByRole('button', { name: 'Sign out' }).click();

  await signIn(page, { email: account.email, password: 'not the password' });
  const alert = page.getByRole('main').getByRole('alert');
  const message = await alert.innerText();
  await expect(page.getByLabel('E-mail')).toHaveValue(account.email);

  await page.goto('/sign-in');
  await signIn(page, newAccount());
  await expect(alert).toHaveText(message);
});

test('bad sign-up input is shown beside its field', async ({ page }) => {
  await page.goto('/sign-up');
  await page.getByLabel('E-mail').fill('nobody');
  await page.getByLabel('Password', { exact: true }).fill('short');
  await page.getByRole('button', { name: 'Create account' }).click();

  const email = page.getByLabel('E-mail');
  await expect(email).toHaveAttribute('aria-invalid', 'true');
  await expect(email).toHaveAccessibleDescription(/./);
  await expect(email).toHaveValue('nobody');
  await expect(page).toHaveURL(/\/sign-up$/);
});

test('a taken e-mail is refused', async ({ page, account, browser, baseURL }) => {
  const other = await browser.newContext({ baseURL });
  const stranger = await other.newPage();
  await stranger.goto('/sign-up');
  await stranger.getByLabel('E-mail').fill(account.email);
  await stranger.getByLabel('Password', { exact: true }).fill('another good password');
  await stranger.getByRole('button', { name: 'Create account' }).click();
  await expect(stranger.getByText(/already|taken|exists/i)).toBeVisible();
  await other.close();
  await expect(page.getByRole('heading', { name: 'Overview', exact: true })).toBeVisible();
});

test('a deep link leads through sign-in and back', async ({ page, account }) => {
  await page.goto('/settings');
  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(page).toHaveURL(/\/sign-in$/);
  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible();

  await page.goto('/settings');
  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible();
  await signIn(page, account);
  await expect(page.getByRole('heading', { name: 'Settings', level: 1 })).toBeVisible();
});

test('a changed password is the one that signs in', async ({ page, account }) => {
  const changed = `${account.password} and battery`;
  await page.goto('/settings/security');

  await page.getByLabel('Current password', { exact: true }).fill('wrong');
  await page.getByLabel('New password', { exact: true }).fill(changed);
  await page.getByRole('button', { name: 'Change password' }).click();
  await expect(page.getByLabel('Current password', { exact: true })).toHaveAttribute('aria-invalid', 'true');
  await expect(page.getByLabel('New password', { exact: true })).toHaveValue(changed);

  await page.getByLabel('Current password', { exact: true }).fill(account.password);
  await page.getByRole('button', { name: 'Change password' }).click();
  await expect(page.getByText('Password changed.')).toBeVisible();

  await page.getByRole('button', { name: 'Sign out' }).click();
  await signIn(page, { email: account.email, password: changed });
  await expect(page.getByRole('heading', { name: 'Overview', exact: true })).toBeVisible();
});

test('a session that ended elsewhere leads to sign-in', async ({ page, context, account }) => {
  await expect(page.getByRole('heading', { name: 'Watch your first URL' })).toBeVisible();
  await context.clearCookies();
  await page.getByRole('link', { name: 'Add monitor' }).click();
  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible();
  await signIn(page, account);
  await expect(page.getByRole('heading', { name: 'Add a monitor' })).toBeVisible();
});

test('workspaces do not see one another', async ({ page, browser, baseURL }) => {
  await signUp(page, newAccount());
  await page.goto('/monitors/new');
  await page.getByLabel('URL').fill('http://127.0.0.1:1/');
  await page.getByLabel('Name', { exact: true }).fill('Mine alone');
  await page.getByRole('button', { name: 'Add monitor' }).click();
  await expect(page.getByRole('heading', { name: 'Mine alone' })).toBeVisible();

  const other = await browser.newContext({ baseURL });
  const stranger = await other.newPage();
  await signUp(stranger, newAccount());
  await expect(stranger.getByRole('heading', { name: 'Watch your first URL' })).toBeVisible();
  await stranger.goto(page.url());
  await expect(stranger.getByRole('heading', { name: 'Monitor not found' })).toBeVisible();
  await other.close();
});
