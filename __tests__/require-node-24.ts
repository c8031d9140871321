/** The action runs on Node 24, so its tests must too: npm puts the project's own Node first on the PATH. */
export function setup(): void {
  const major = Number(process.versions.node.split('.')[0])
  if (major < 24) {
    throw new Error(
      `These tests need Node 24 or later, found ${process.version}. Run them through npm (npm test), ` +
        'which uses the Node of node_modules, or install Node 24 on a platform without that package.',
    )
  }
}
