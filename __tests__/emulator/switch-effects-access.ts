import type { Emulator, Identity } from '../../emulator/index.ts'
import { call, payloadOf } from './client.ts'
import { accessIn, exchange, tokenIn, withPassword } from './sign-in.ts'
import { ask, missing, statusOf, toggle, type Effects } from './switch-effect.ts'

const admin = 'emulator:emulator-password'
const scopeMap: Identity = {
  kind: 'scope-map',
  username: 'ci',
  password: 'p',
  repositories: { app: ['content/read'] },
}

const asAdmin = (emulator: Emulator, ...scopes: string[]) => withPassword(emulator, admin, ...scopes)
const lifetime = (token: string) => {
  const { exp, iat } = payloadOf(token) as { exp: number; iat: number }
  return exp - iat - 900
}

async function challengeOfExpired(emulator: Emulator): Promise<boolean> {
  const bearer = tokenIn(await asAdmin(emulator, 'repository:app:pull'))
  emulator.clock.advance('2h')
  const answer = await call(emulator, 'GET /v2/app/tags/list', { bearer })
  return answer.headers['www-authenticate']?.includes('error="invalid_token"') === true
}

/** Switches of who may do what, and of the network between. */
export const accessEffects: Effects = {
  abac: toggle(false, [1, 0], async (emulator) => accessIn(await asAdmin(emulator, 'repository:*:*')).length),
  anonymousPull: toggle(
    false,
    [401, 200],
    async (emulator) => (await call(emulator, 'GET /oauth2/token')).status,
  ),
  insufficientScope: {
    default: [],
    other: ['delete'],
    expected: [['pull', 'delete'], ['pull']],
    observe: async (emulator) => accessIn(await asAdmin(emulator, 'repository:app:pull,delete'))[0]?.Actions,
  },
  wildcardActions: {
    default: 'expanded',
    other: 'star',
    expected: [
      [false, 200],
      [true, 200],
    ],
    observe: async (emulator) => {
      emulator.registry.repo('app').image()
      const answer = await asAdmin(emulator, 'repository:*:*')
      const read = await call(emulator, 'GET /acr/v1/app', { bearer: tokenIn(answer) })
      return [accessIn(answer)[0]?.Actions.includes('*'), read.status]
    },
  },
  wildcardOfScopeMap: {
    default: 'expanded',
    other: 'dropped',
    expected: [[{ Type: 'repository', Name: 'app', Actions: ['pull'] }], []],
    options: { identities: [scopeMap] },
    observe: async (emulator) => accessIn(await withPassword(emulator, 'ci:p', 'repository:*:*')),
  },
  acrPushMayUntag: {
    ...toggle(false, [401, 202], (emulator) => {
      emulator.registry.repo('app').image({ tag: 'v1' })
      return statusOf(emulator, 'DELETE /acr/v1/app/_tags/v1', { basic: 'id:secret' })
    }),
    options: {
      identities: [
        { kind: 'entra', name: 'pusher', appId: 'id', clientSecret: 'secret', roles: ['AcrPush'] },
      ],
    },
  },
  armAudienceTokens: {
    ...toggle(
      true,
      [
        [200, 200],
        [401, 200],
      ],
      async (emulator) => {
        const jwt = (aud: string) => {
          const claims = JSON.stringify({ appid: 'id', aud })
          return `e30.${Buffer.from(claims).toString('base64url')}.x`
        }
        const arm = await exchange(emulator, jwt('https://management.azure.com/'))
        const own = await exchange(emulator, jwt('https://containerregistry.azure.net'))
        return [arm.status, own.status]
      },
    ),
    options: { identities: [{ kind: 'entra', name: 'owner', appId: 'id', roles: ['Owner'] }] },
  },
  homeTenant: {
    default: null,
    other: 'home',
    expected: [
      [200, 200],
      [200, 401],
    ],
    options: { identities: [{ kind: 'entra', name: 'owner', appId: 'id', roles: ['Owner'] }] },
    observe: async (emulator) => {
      const from = async (tid: string) => {
        const claims = JSON.stringify({ appid: 'id', aud: 'https://containerregistry.azure.net', tid })
        return (await exchange(emulator, `e30.${Buffer.from(claims).toString('base64url')}.x`)).status
      }
      return [await from('home'), await from('abroad')]
    },
  },
  expiredTokenNamesError: toggle(true, [true, false], challengeOfExpired),
  accessTokenSeconds: {
    default: 3600,
    other: 30,
    expected: [3600, 30],
    observe: async (emulator) => lifetime(tokenIn(await asAdmin(emulator))),
  },
  refreshTokenSeconds: {
    default: 10_800,
    other: 30,
    expected: [10_800, 30],
    observe: async (emulator) => {
      const answer = await exchange(emulator, 'entra-token-of-owner')
      return lifetime((answer.json() as { refresh_token: string }).refresh_token)
    },
  },
  tokenTimes: {
    default: 'registry',
    other: 'machine',
    expected: [2001, new Date().getUTCFullYear()],
    options: { time: '2001-06-01T00:00:00Z' },
    observe: async (emulator) => {
      const { iat } = payloadOf(tokenIn(await asAdmin(emulator))) as { iat: number }
      return new Date((iat + 900) * 1000).getUTCFullYear()
    },
  },
  tokenSigning: {
    default: 'HS256',
    other: 'none',
    expected: [
      [false, 200],
      [true, 200],
    ],
    observe: async (emulator) => {
      const bearer = tokenIn(await asAdmin(emulator))
      const version = await call(emulator, 'GET /v2/', { bearer })
      return [bearer.endsWith('.'), version.status]
    },
  },

  firewall: toggle(false, [200, 403], (emulator) => statusOf(emulator, 'GET /v2/')),
  latencyMs: {
    default: 0,
    other: 500,
    expected: [false, true],
    observe: async (emulator) => {
      const started = performance.now()
      await ask(emulator, 'GET /v2/')
      return performance.now() - started > 499
    },
  },
  throttle: {
    ...toggle(false, [200, 429], async (emulator) => {
      await ask(emulator, 'GET /v2/')
      return statusOf(emulator, 'GET /v2/')
    }),
    options: { switches: { throttleScale: 0 } },
  },
  throttleScale: {
    default: 1,
    other: 0,
    expected: [200, 429],
    options: { switches: { throttle: true } },
    observe: async (emulator) => {
      await ask(emulator, 'GET /v2/')
      return statusOf(emulator, 'GET /v2/')
    },
  },
  throttlePeriodSeconds: {
    default: 60,
    other: 5,
    expected: ['60', '5'],
    options: { switches: { throttle: true, throttleScale: 0 } },
    observe: async (emulator) => {
      await ask(emulator, 'GET /v2/')
      return (await ask(emulator, 'GET /v2/')).headers['retry-after']
    },
  },
  throttleBody: {
    default: 'json',
    other: 'html',
    expected: ['{"erro', '<html>'],
    observe: async (emulator) => {
      emulator.faults.add({}, { status: 429 })
      return (await ask(emulator, 'GET /v2/')).text.slice(0, 6)
    },
  },
  '429WithoutRetryAfter': {
    ...toggle(false, [true, false], async (emulator) => {
      await ask(emulator, 'GET /v2/')
      return 'retry-after' in (await ask(emulator, 'GET /v2/')).headers
    }),
    options: { switches: { throttle: true, throttleScale: 0 } },
  },
  htmlError503: toggle(false, ['application/json; charset=utf-8', 'text/html'], async (emulator) => {
    emulator.faults.add({}, { status: 503 })
    return (await ask(emulator, 'GET /v2/')).headers['content-type']
  }),
  rateLimitHeaders: toggle(false, [undefined, '8.316667'], async (emulator) => {
    const answer = await ask(emulator, `DELETE /v2/app/manifests/${missing}`)
    return answer.headers['x-ms-ratelimit-remaining-calls-per-second']
  }),
}
