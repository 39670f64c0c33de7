#!/usr/bin/env bash
# Arguments of a kubeconfig's exec plugin are split at their blanks; empty ones are lost.
#
# Guess:     the list under exec.args is what the plugin gets, one for one.
# Package:   KubernetesClient 21.0.8
# Behaviour: the arguments are joined by blanks into one command line and taken apart again.
# Seen:
# | [--scope=api][read][last]
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cat >"$work/finding.csproj" <<'END'
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup>
    <OutputType>Exe</OutputType>
    <TargetFramework>net10.0</TargetFramework>
    <ImplicitUsings>enable</ImplicitUsings>
  </PropertyGroup>
  <ItemGroup>
    <PackageReference Include="KubernetesClient" Version="[21.0.8]" />
  </ItemGroup>
</Project>
END

cat >"$work/Program.cs" <<'END'
using k8s;

var folder = AppContext.BaseDirectory;
var plugin = Path.Combine(folder, "plugin");
File.WriteAllText(plugin, """
    #!/bin/sh
    printf '[%s]' "$@" >"$(dirname "$0")/arguments"
    echo '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"t"}}'
    """);
File.SetUnixFileMode(plugin, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
File.WriteAllText(Path.Combine(folder, "config"), $$$"""
    apiVersion: v1
    kind: Config
    current-context: c
    clusters:
    - {name: c, cluster: {server: http://cluster.example}}
    users:
    - name: me
      user:
        exec:
          apiVersion: client.authentication.k8s.io/v1
          command: {{{plugin}}}
          args: ["--scope=api read", "", "last"]
          interactiveMode: Never
    contexts:
    - {name: c, context: {cluster: c, user: me}}
    """);
KubernetesClientConfiguration.BuildConfigFromConfigFile(Path.Combine(folder, "config"));
Console.WriteLine(File.ReadAllText(Path.Combine(folder, "arguments")));
END

NUGET_PACKAGES="$work/packages" dotnet build "$work" --output "$work/out" --nologo --verbosity quiet --disable-build-servers >"$work/log" || { cat "$work/log"; exit 2; }
dotnet "$work/out/finding.dll" | tee "$work/seen"
diff <(sed -n 's/^# | //p' "$0") "$work/seen" || { echo "No longer as stated above."; exit 1; }
