/** The part of ncc's interface that the build uses; the package brings no types. */
declare module '@vercel/ncc' {
  interface Options {
    /** Package → what is imported in its place. */
    readonly externals: Readonly<Record<string, string>>
    readonly cache: boolean
    readonly quiet: boolean
  }

  interface Bundle {
    readonly code: string
    readonly assets: Readonly<Record<string, { readonly source: string | Uint8Array }>>
  }

  export default function ncc(entry: string, options: Options): Promise<Bundle>
}
