import '@/styles/globals.css';

import type { AppProps } from 'next/app';
import Head from 'next/head';

import { SessionProvider } from '@/shared/session/session';

export default function App({ Component, pageProps }: AppProps<Record<string, never>>) {
  return (
    <SessionProvider>
      <Head>
        <title>OpenSeer</title>
        <meta name="viewport" content="width=device-width, initial-scale=1" />
      </Head>
      <Component {...pageProps} />
    </SessionProvider>
  );
}
