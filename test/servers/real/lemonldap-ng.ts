import { generateKeyPairSync } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import { lemonLdapNg as profile } from '@registrant/node/profiles'

import { freePort, startChild, unpackDebs } from './process.ts'
import { web } from './server.ts'
import type { RealServer } from './server.ts'

/** The portal, Plack to run it, and what the two load; unpacked beside each other, nothing is installed. */
const packages =
  'lemonldap-ng-fastcgi-server libapache-logformat-compiler-perl libapache-session-perl libcache-cache-perl libcgi-pm-perl libclass-errorhandler-perl libclass-inspector-perl libclass-xsaccessor-perl libclone-perl libcommon-sense-perl libconfig-inifiles-perl libconvert-asn1-perl libconvert-pem-perl libcookie-baker-perl libcrypt-des-ede3-perl libcrypt-des-perl libcrypt-openssl-bignum-perl libcrypt-openssl-random-perl libcrypt-openssl-rsa-perl libcrypt-openssl-x509-perl libcrypt-rijndael-perl libcrypt-urandom-perl libdevel-stacktrace-ashtml-perl libdevel-stacktrace-perl libemail-date-format-perl libencode-locale-perl libexporter-tiny-perl libfile-listing-perl libfile-sharedir-perl libfilesys-notify-simple-perl libhash-multivalue-perl libhtml-parser-perl libhtml-tagset-perl libhtml-template-perl libhtml-tree-perl libhttp-cookies-perl libhttp-date-perl libhttp-entity-parser-perl libhttp-headers-fast-perl libhttp-message-perl libhttp-multipartparser-perl libhttp-negotiate-perl libio-html-perl libio-socket-ssl-perl libio-string-perl libipc-sharelite-perl libjson-maybexs-perl libjson-perl libjson-xs-perl liblemonldap-ng-common-perl liblemonldap-ng-handler-perl liblemonldap-ng-portal-perl liblist-moreutils-perl liblist-moreutils-xs-perl liblwp-mediatypes-perl liblwp-protocol-https-perl libmailtools-perl libmime-tools-perl libmouse-perl libnet-http-perl libnet-smtp-ssl-perl libnet-ssleay-perl libplack-perl libposix-strftime-compiler-perl libregexp-assemble-perl libregexp-ipv6-perl libstream-buffered-perl libstring-random-perl libtext-unidecode-perl libtimedate-perl libtry-tiny-perl libtypes-serialiser-perl liburi-perl libwww-form-urlencoded-perl libwww-perl libwww-robotrules-perl libxml-simple-perl'

type Configuration = Record<string, unknown> & {
  cfgNum: number
  oidcRPMetaDataOptions?: Record<string, Record<string, string>>
}

export const lemonLdapNg: RealServer = {
  name: 'lemonldap-ng',
  title: 'LemonLDAP::NG',
  version: '2.16.1',
  source: 'Debian 12: liblemonldap-ng-portal-perl',
  install: (folder) => unpackDebs(folder, packages),
  async start(folder) {
    const root = join(folder, 'root')
    const data = await mkdtemp(join(tmpdir(), 'lemonldap-'))
    const port = await freePort()
    const issuer = `http://127.0.0.1:${port}`
    for (const name of ['conf', 'sessions', 'psessions', 'cache', 'lib/GD'])
      await mkdir(join(data, name), { recursive: true })
    // A stand-in: no captchas are drawn here.
    await writeFile(join(data, 'lib/GD/SecurityImage.pm'), 'package GD::SecurityImage; sub import {} 1;\n')
    await writeFile(
      join(data, 'index.psgi'),
      'use Lemonldap::NG::Portal::Main;\nLemonldap::NG::Portal::Main->run({});\n',
    )
    await writeFile(join(data, 'lemonldap-ng.ini'), settings(root, data))
    const shipped: Configuration = JSON.parse(
      await readFile(join(root, 'var/lib/lemonldap-ng/conf/lmConf-1.json'), 'utf8'),
    )
    await save(data, { ...shipped, ...configuration(issuer, data), cfgNum: 1 })
    const perl = ['usr/share/perl5', 'usr/lib/x86_64-linux-gnu/perl5/5.36'].map((path) => join(root, path))
    const plackup = [join(root, 'usr/bin/plackup'), '-E', 'production', '--host', '127.0.0.1', '--port', String(port)]
    const { answers, stop } = startChild('perl', [...plackup, join(data, 'index.psgi')], {
      cwd: data,
      env: {
        ...process.env,
        PERL5LIB: [join(data, 'lib'), ...perl].join(':'),
        LD_LIBRARY_PATH: join(root, 'usr/lib/x86_64-linux-gnu'),
        LLNG_DEFAULTCONFFILE: join(data, 'lemonldap-ng.ini'),
      },
    })
    await answers(`${issuer}/.well-known/openid-configuration`)
    /** Changes its configuration as its manager does: another file, with the next number. */
    const change = async (
      clientId: string,
      act: (clients: Record<string, Record<string, string>>, name: string) => void,
    ) => {
      const now = await current(data)
      const clients = now.oidcRPMetaDataOptions ?? {}
      const [name] = Object.entries(clients).find(([, it]) => it['oidcRPMetaDataOptionsClientID'] === clientId) ?? []
      if (name !== undefined) act(clients, name)
      await save(data, { ...now, cfgNum: now.cfgNum + 1 })
      // It looks for a new one each second.
      await sleep(2500)
      await fetch(`${issuer}/.well-known/openid-configuration`)
    }
    return {
      address: { issuer },
      forget: (clientId) => change(clientId, (clients, name) => void delete clients[name]),
      async newSecret(clientId) {
        const secret = crypto.randomUUID()
        await change(clientId, (clients, name) => {
          clients[name] = { ...clients[name], oidcRPMetaDataOptionsClientSecret: secret }
        })
        return secret
      },
      async stop() {
        await stop()
        await rm(data, { recursive: true, force: true })
      },
    }
  },
  connect: ({ issuer }) => ({ options: { issuer, profile }, metadata: web }),
}

async function current(data: string): Promise<Configuration> {
  const numbers = (await readdir(join(data, 'conf'))).flatMap((file) => /^lmConf-(\d+)\.json$/.exec(file)?.[1] ?? [])
  const newest = Math.max(...numbers.map(Number))
  return JSON.parse(await readFile(join(data, `conf/lmConf-${newest}.json`), 'utf8'))
}

const save = (data: string, it: Configuration): Promise<void> =>
  writeFile(join(data, `conf/lmConf-${it.cfgNum}.json`), JSON.stringify(it))

function configuration(issuer: string, data: string): object {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  })
  const files = (name: string): object => ({ Directory: join(data, name), LockDirectory: join(data, name) })
  return {
    portal: `${issuer}/`,
    domain: '127.0.0.1',
    securedCookie: 0,
    issuerDBOpenIDConnectActivation: 1,
    oidcServiceAllowDynamicRegistration: 1,
    oidcServiceMetaDataIssuer: issuer,
    oidcServicePrivateKeySig: privateKey,
    oidcServicePublicKeySig: publicKey,
    oidcServiceKeyIdSig: 'a',
    globalStorage: 'Apache::Session::File',
    globalStorageOptions: {
      ...files('sessions'),
      generateModule: 'Lemonldap::NG::Common::Apache::Session::Generate::SHA256',
    },
    persistentStorageOptions: files('psessions'),
    localSessionStorageOptions: { cache_root: join(data, 'cache'), namespace: 's', default_expires_in: 600 },
    registerDB: 'Null',
    passwordDB: 'Null',
    portalDisplayRegister: 0,
    portalDisplayResetPassword: 0,
  }
}

const settings = (root: string, data: string): string => `[all]
logLevel = error
checkTime = 1
[configuration]
type=File
dirName = ${data}/conf
localStorage=Cache::FileCache
localStorageOptions={ 'namespace' => 'c', 'default_expires_in' => 1, 'directory_umask' => '007', 'cache_root' => '${data}/cache', 'cache_depth' => 3 }
[portal]
staticPrefix = /static
templateDir = ${root}/usr/share/lemonldap-ng/portal/templates
languages = en
[handler]
status = 0
`
