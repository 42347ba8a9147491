import '@fontsource-variable/inter/wght.css';
import '@/styles/globals.css';

import type { AppProps } from 'next/app';
import Head from 'next/head';

import { ErrorBoundary } from '@/shared/layout/error-boundary';
import { LanguageProvider } from '@/shared/preferences/language';
import { SessionProvider } from '@/shared/session/session';

export default function App({ Component, pageProps, router }: AppProps<Record<string, never>>) {
  return (
    <SessionProvider>
      <Head>
        <title>OpenSeer</title>
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="description" content="HTTP monitoring of your own: uptime, latency and the reason of every failure, live." />
      </Head>
      <LanguageProvider>
        <ErrorBoundary key={router.asPath.replace(/[?#].*/, '')}>
          <Component {...pageProps} />
        </ErrorBoundary>
      </LanguageProvider>
    </SessionProvider>
  );
}
