#!/usr/bin/env bash
# The context prod of a kubeconfig that also has PROD may be PROD.
#
# Guess:     names of contexts are compared as they are written, as kubectl does.
# Package:   KubernetesClient 21.0.8
# Behaviour: the first that matches without regard to case is taken, and the program talks to another cluster.
# Seen:
# | http://upper.example
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

var path = Path.Combine(AppContext.BaseDirectory, "config");
File.WriteAllText(path, """
    apiVersion: v1
    kind: Config
    current-context: prod
    clusters:
    - {name: upper, cluster: {server: http://upper.example}}
    - {name: lower, cluster: {server: http://lower.example}}
    users:
    - {name: me, user: {token: t}}
    contexts:
    - {name: PROD, context: {cluster: upper, user: me}}
    - {name: prod, context: {cluster: lower, user: me}}
    """);
Console.WriteLine(KubernetesClientConfiguration.BuildConfigFromConfigFile(path).Host);
END

NUGET_PACKAGES="$work/packages" dotnet build "$work" --output "$work/out" --nologo --verbosity quiet --disable-build-servers >"$work/log" || { cat "$work/log"; exit 2; }
dotnet "$work/out/finding.dll" | tee "$work/seen"
diff <(sed -n 's/^# | //p' "$0") "$work/seen" || { echo "No longer as stated above."; exit 1; }
