import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

import { Builder, Capabilities } from 'selenium-webdriver'
import type { WebDriver } from 'selenium-webdriver'

import type { Browser } from './tab.ts'

/** Starts WebKitGTK's MiniBrowser by WebDriver, on a display that nobody sees. */
export async function startWebkit(driver: string, display: string): Promise<Browser> {
  const port = await freePort()
  const child = spawn(display, ['-a', driver, `--port=${port}`, '--host=127.0.0.1'], {
    stdio: 'ignore',
    detached: true,
  })
  const end = (): void => {
    // The display, the driver and the browser are one group.
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid)
  }
  const session = await connect(port).catch((error: unknown) => {
    end()
    throw error
  })
  // WebDriver speaks to one tab at a time, so the tabs take turns.
  const base = await session.getWindowHandle()
  let turn: Promise<unknown> = Promise.resolve()
  const inTurn = <T>(act: () => Promise<T>): Promise<T> => {
    const mine = turn.then(act, act)
    turn = mine.catch(() => undefined)
    return mine
  }
  return {
    name: 'webkit',
    newTab: () =>
      inTurn(async () => {
        await session.switchTo().window(base)
        await session.switchTo().newWindow('tab')
        const handle = await session.getWindowHandle()
        const inTab = <T>(act: () => Promise<T>): Promise<T> =>
          inTurn(async () => {
            await session.switchTo().window(handle)
            return act()
          })
        return {
          goto: (url) => inTab(() => session.get(url)),
          back: () => inTab(() => session.navigate().back()),
          evaluate: (expression) =>
            inTab(() =>
              session.executeAsyncScript(
                `const done = arguments[arguments.length - 1]; Promise.resolve(${expression}).then(done, (error) => done('failed: ' + error))`,
              ),
            ),
          close: () => inTab(() => session.close()),
        }
      }),
    async close() {
      await inTurn(() => session.quit()).catch(() => undefined)
      end()
    },
  }
}

async function connect(port: number): Promise<WebDriver> {
  const capabilities = new Capabilities().set('browserName', 'MiniBrowser')
  for (let attempt = 1; ; attempt++) {
    try {
      return await new Builder().usingServer(`http://127.0.0.1:${port}`).withCapabilities(capabilities).build()
    } catch (error) {
      if (attempt >= 50) throw error
      await sleep(200)
    }
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('a port was asked for')
  return address.port
}
