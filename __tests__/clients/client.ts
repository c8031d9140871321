import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import type { Emulator } from '../../emulator/index.ts'
import { ADMIN } from '../e2e/gate.ts'

const execute = promisify(execFile)

/** Runs a program; what it said is in the error if it fails. */
async function command(program: string, ...args: readonly string[]): Promise<string> {
  const { stdout } = await execute(program, [...args], { maxBuffer: 10_000_000 })
  return stdout.trim()
}

export async function isInstalled(program: string): Promise<boolean> {
  return command(program, '--version').then(
    () => true,
    () => false,
  )
}

/** A folder that goes away at the end of the scope. */
export function temporaryFolder(): { readonly path: string } & Disposable {
  const path = mkdtempSync(join(tmpdir(), 'acr-hygiene-clients-'))
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) }
}

/** skopeo and buildah as a user of the emulator. */
export class Clients {
  readonly #emulator: Emulator
  readonly #storage: readonly string[]
  readonly folder: string

  constructor(emulator: Emulator, folder: string) {
    this.#emulator = emulator
    this.folder = folder
    // Plain folders as storage, so that neither overlays nor mounts are needed.
    this.#storage = [
      '--storage-driver',
      'vfs',
      '--root',
      join(folder, 'storage'),
      '--runroot',
      join(folder, 'run'),
    ]
  }

  /** `docker://127.0.0.1:5000/app:latest` */
  at(reference: string): string {
    return `docker://${this.#emulator.host}/${reference}`
  }

  buildah(...args: readonly string[]): Promise<string> {
    return command('buildah', ...this.#storage, ...args)
  }

  /** A tiny image from scratch; nothing can be pulled here. */
  async build(
    name: string,
    options: { readonly content: string; readonly arch?: string; readonly format: string },
  ): Promise<void> {
    const file = join(this.folder, 'content')
    writeFileSync(file, options.content)
    const container = await this.buildah('from', 'scratch')
    await this.buildah('add', container, file, '/content')
    await this.buildah('config', '--os', 'linux', '--arch', options.arch ?? 'amd64', container)
    await this.buildah('commit', '--rm', '--format', options.format, container, name)
  }

  async push(image: string, reference: string, ...options: readonly string[]): Promise<void> {
    await this.buildah('push', ...this.#trust, ...options, image, this.at(reference))
  }

  /** Pushes a manifest list with all its images. */
  async pushAll(list: string, reference: string, format: 'oci' | 'v2s2'): Promise<void> {
    await this.buildah(
      'manifest',
      'push',
      ...this.#trust,
      '--all',
      '--format',
      format,
      list,
      this.at(reference),
    )
  }

  /** For a copy within the registry. */
  get fromThere(): readonly string[] {
    const { username, password } = ADMIN
    return [
      '--src-cert-dir',
      dirname(this.#emulator.certificateFile),
      '--src-creds',
      `${username}:${password}`,
    ]
  }

  /** Copies to the registry. */
  async copyTo(source: string, reference: string, ...options: readonly string[]): Promise<void> {
    const { username, password } = ADMIN
    const trust = [
      '--dest-cert-dir',
      dirname(this.#emulator.certificateFile),
      '--dest-creds',
      `${username}:${password}`,
    ]
    await command('skopeo', '--insecure-policy', 'copy', ...trust, ...options, source, this.at(reference))
  }

  /** Pulls everything of an image; fails when anything is missing. */
  async pull(reference: string): Promise<void> {
    const target = join(this.folder, 'pulled', reference.replaceAll(/[^a-z0-9]/g, '-'))
    mkdirSync(target, { recursive: true })
    await command(
      'skopeo',
      '--insecure-policy',
      'copy',
      '--all',
      ...this.fromThere,
      this.at(reference),
      `dir:${target}`,
    )
  }

  get #trust(): readonly string[] {
    const { username, password } = ADMIN
    return ['--cert-dir', dirname(this.#emulator.certificateFile), '--creds', `${username}:${password}`]
  }
}

/** A Docker engine of its own, without network and with plain folders as storage. */
export class DockerEngine implements AsyncDisposable {
  readonly #folder: string
  #daemon: ChildProcess | undefined

  constructor(folder: string) {
    this.#folder = folder
  }

  /** @returns false when this machine does not let an engine start */
  async start(): Promise<boolean> {
    const at = (name: string): string => join(this.#folder, name)
    const options = ['--iptables=false', '--ip6tables=false', '--bridge=none', '--storage-driver=vfs']
    const places = [
      '--data-root',
      at('data'),
      '--exec-root',
      at('exec'),
      '--pidfile',
      at('pid'),
      '-H',
      this.#socket,
    ]
    this.#daemon = spawn('dockerd', [...options, ...places], { stdio: 'ignore' })
    const ended = new Promise<false>((done) =>
      this.#daemon?.once('exit', () => done(false)).once('error', () => done(false)),
    )
    return Promise.race([ended, this.#answers()])
  }

  docker(...args: readonly string[]): Promise<string> {
    return command('docker', '--config', join(this.#folder, 'config'), '-H', this.#socket, ...args)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const daemon = this.#daemon
    if (daemon?.exitCode !== null || daemon.pid === undefined) return
    const ended = new Promise((done) => daemon.once('exit', done))
    daemon.kill('SIGTERM')
    await ended
  }

  get #socket(): string {
    return `unix://${join(this.#folder, 'docker.sock')}`
  }

  async #answers(): Promise<boolean> {
    for (let attempt = 0; attempt < 60; attempt += 1) {
      const up = await this.docker('info').then(
        (text) => text.includes('Server Version'),
        () => false,
      )
      if (up) return true
      await new Promise((done) => setTimeout(done, 500))
    }
    return false
  }
}
