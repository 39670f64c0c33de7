#!/usr/bin/env bash
# A kubeconfig whose user has a tokenFile is refused.
#
# Guess:     tokenFile is read, and again when it changes: kubectl does, and the package reads the very same file inside a cluster.
# Package:   KubernetesClient 21.0.8
# Behaviour: such a user counts as one without credentials.
# Seen:
# | KubeConfigException: User: me does not have appropriate auth credentials in kubeconfig
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
File.WriteAllText(Path.Combine(folder, "token"), "t");
File.WriteAllText(Path.Combine(folder, "config"), $$$"""
    apiVersion: v1
    kind: Config
    current-context: c
    clusters:
    - {name: c, cluster: {server: http://cluster.example}}
    users:
    - {name: me, user: {tokenFile: {{{Path.Combine(folder, "token")}}}}}
    contexts:
    - {name: c, context: {cluster: c, user: me}}
    """);
try
{
    KubernetesClientConfiguration.BuildConfigFromConfigFile(Path.Combine(folder, "config"));
    Console.WriteLine("read");
}
catch (Exception refused)
{
    Console.WriteLine($"{refused.GetType().Name}: {refused.Message}");
}
END

NUGET_PACKAGES="$work/packages" dotnet build "$work" --output "$work/out" --nologo --verbosity quiet --disable-build-servers >"$work/log" || { cat "$work/log"; exit 2; }
dotnet "$work/out/finding.dll" | tee "$work/seen"
diff <(sed -n 's/^# | //p' "$0") "$work/seen" || { echo "No longer as stated above."; exit 1; }
