import { type AddressInfo, createConnection, createServer, type Server, type Socket } from 'node:net';

import { addMonitor, expect, newAccount, signedInTest, signUp, stateOf, test } from './fixtures';

signedInTest('a failure is on the screen within a second of its answer', async ({ page, target }) => {
  await addMonitor(page, 'Prompt', target.url);
  await expect(stateOf(page)).toHaveText('Up');
  // Watches before anything fails, and the whole page: the badge may be another element then.
  const seen = page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        new MutationObserver((_, observer) => {
          if (document.querySelector('[data-testid=monitor-state]')?.textContent.includes('Down') !== true) return;
          observer.disconnect();
          resolve(Date.now());
        }).observe(document.body, { subtree: true, childList: true, characterData: true });
      }),
  );
  await page.evaluate(() => undefined);
  target.status = 500;
  expect((await seen) - target.failedAt).toBeLessThan(1000);
});

test('a lost connection is told, mended, and caught up on without a reload', async ({ page, baseURL, target }) => {
  const way = await Way.to(baseURL ?? '');
  await signUp(page, newAccount(), way.url);
  await addMonitor(page, 'Cut off', target.url, way.url);
  await expect(stateOf(page)).toHaveText('Up');
  await page.evaluate(() => (document.title = 'not reloaded'));

  await way.cut();
  await expect(page.getByText('Connection lost.')).toBeVisible();
  target.status = 500;
  await expect.poll(() => target.failedAt).toBeGreaterThan(0);
  await way.mend();
  await expect(stateOf(page)).toHaveText('Down', { timeout: 20_000 });
  await expect(page.getByText('Connection lost.')).toBeHidden();
  await way.close();
});

// A TCP proxy before the stack, which can be cut.
class Way {
  private readonly open = new Set<Socket>();
  private server: Server | undefined;

  private constructor(
    private readonly target: URL,
    private port: number,
  ) {}

  static async to(address: string): Promise<Way> {
    const way = new Way(new URL(address), 0);
    await way.mend();
    return way;
  }

  get url(): string {
    return `http://localhost:${this.port}`;
  }

  async mend(): Promise<void> {
    const server = createServer((client) => {
      const stack = createConnection({ host: this.target.hostname, port: Number(this.target.port) });
      for (const socket of [client, stack]) {
        this.open.add(socket);
        socket.on('error', () => socket.destroy());
        socket.on('close', () => {
          this.open.delete(socket);
          client.destroy();
          stack.destroy();
        });
      }
      client.pipe(stack).pipe(client);
    });
    await new Promise<void>((resolve) => server.listen(this.port, '127.0.0.1', resolve));
    this.port = (server.address() as AddressInfo).port;
    this.server = server;
  }

  async cut(): Promise<void> {
    const closed = new Promise((resolve) => this.server?.close(resolve));
    for (const socket of this.open) socket.destroy();
    await closed;
  }

  async close(): Promise<void> {
    await this.cut();
  }
}
