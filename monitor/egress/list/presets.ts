import type { WrittenEgressProfile, WrittenEgressRule } from '../../model/egress.ts';

/** HTTPS to each of the names. */
function https(...targets: readonly string[]): WrittenEgressRule[] {
  return targets.map((target) => ({ verdict: 'allow', target, protocol: 'tcp', port: 443 }));
}

function tcp(port: number, ...targets: readonly string[]): WrittenEgressRule[] {
  return targets.map((target) => ({ verdict: 'allow', target, protocol: 'tcp', port }));
}

/**
 * What agents commonly need, by the hosts that each service documents for its clients. They are
 * copied into the book as profiles when they are first used, and are the person's to change there.
 */
export const presets: readonly WrittenEgressProfile[] = [
  {
    name: 'npm',
    note: 'Packages for Node: npm, pnpm, Yarn',
    rules: https('registry.npmjs.org', 'registry.yarnpkg.com'),
  },
  {
    name: 'pypi',
    note: 'Packages for Python: pip, uv, Poetry',
    rules: https('pypi.org', 'files.pythonhosted.org'),
  },
  {
    name: 'crates',
    note: 'Packages for Rust: cargo',
    rules: https('crates.io', 'index.crates.io', 'static.crates.io', 'static.rust-lang.org'),
  },
  {
    name: 'go',
    note: 'Modules for Go, by the public proxy',
    rules: https('proxy.golang.org', 'sum.golang.org', 'go.dev', 'dl.google.com'),
  },
  {
    name: 'maven',
    note: 'Packages for Java and Kotlin: Maven, Gradle',
    rules: https(
      'repo.maven.apache.org',
      'repo1.maven.org',
      'plugins.gradle.org',
      'services.gradle.org',
    ),
  },
  {
    name: 'rubygems',
    note: 'Packages for Ruby: gem, Bundler',
    rules: https('rubygems.org', 'index.rubygems.org'),
  },
  {
    name: 'debian',
    note: 'Packages of Debian; APT fetches over HTTP and checks signatures',
    rules: ['deb.debian.org', 'security.debian.org'].flatMap((name) => [
      ...tcp(80, name),
      ...tcp(443, name),
    ]),
  },
  {
    name: 'ubuntu',
    note: 'Packages of Ubuntu; APT fetches over HTTP and checks signatures',
    rules: ['archive.ubuntu.com', 'security.ubuntu.com', 'ports.ubuntu.com'].flatMap((name) => [
      ...tcp(80, name),
      ...tcp(443, name),
    ]),
  },
  {
    name: 'alpine',
    note: 'Packages of Alpine Linux: apk',
    rules: [...tcp(80, 'dl-cdn.alpinelinux.org'), ...https('dl-cdn.alpinelinux.org')],
  },
  {
    name: 'github',
    note: 'Git and downloads of GitHub; whoever has an account there can receive what is sent',
    rules: [
      ...https(
        'github.com',
        'api.github.com',
        'codeload.github.com',
        'raw.githubusercontent.com',
        'objects.githubusercontent.com',
        'release-assets.githubusercontent.com',
      ),
      ...tcp(22, 'github.com'),
    ],
  },
  {
    name: 'gitlab',
    note: 'Git of GitLab; whoever has an account there can receive what is sent',
    rules: [...https('gitlab.com', 'registry.gitlab.com'), ...tcp(22, 'gitlab.com')],
  },
  {
    name: 'bitbucket',
    note: 'Git of Bitbucket; whoever has an account there can receive what is sent',
    rules: [...https('bitbucket.org', 'api.bitbucket.org'), ...tcp(22, 'bitbucket.org')],
  },
  {
    name: 'anthropic',
    note: 'The model API of Anthropic',
    rules: https('api.anthropic.com'),
  },
  {
    name: 'openai',
    note: 'The model API of OpenAI',
    rules: https('api.openai.com'),
  },
  {
    name: 'gemini',
    note: 'The model API of Google',
    rules: https('generativelanguage.googleapis.com'),
  },
  {
    name: 'mistral',
    note: 'The model API of Mistral',
    rules: https('api.mistral.ai'),
  },
  {
    name: 'openrouter',
    note: 'Many models by one API',
    rules: https('openrouter.ai'),
  },
  {
    name: 'huggingface',
    note: 'Models and data sets of Hugging Face',
    rules: https('huggingface.co', 'cdn-lfs.huggingface.co', 'cas-bridge.xethub.hf.co'),
  },
];
