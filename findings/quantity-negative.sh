#!/usr/bin/env bash
# A negative quantity is printed as 10^-18 of an exa.
#
# Guess:     -1 prints as -1, -1Gi as -1Gi, as in Kubernetes.
# Package:   KubernetesClient 21.0.8
# Behaviour: it prints and serializes with the largest suffix there is. The value survives; nobody recognizes it, and a string compared
#            with what Kubernetes writes differs.
# Seen:
# | -1    -0.000000000000000001E
# | -1Gi  -0.0000000009313225746154785156Ei
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
using k8s.Models;

foreach (var text in new[] { "-1", "-1Gi" })
    Console.WriteLine($"{text,-5} {new ResourceQuantity(text)}");
END

NUGET_PACKAGES="$work/packages" dotnet build "$work" --output "$work/out" --nologo --verbosity quiet --disable-build-servers >"$work/log" || { cat "$work/log"; exit 2; }
dotnet "$work/out/finding.dll" | tee "$work/seen"
diff <(sed -n 's/^# | //p' "$0") "$work/seen" || { echo "No longer as stated above."; exit 1; }
