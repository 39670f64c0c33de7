#!/usr/bin/env bash
# A quantity as an integer is rounded down, where Kubernetes rounds up.
#
# Guess:     ToInt64 is Go's Value(), which rounds away from zero: 100m is 1, 0.1Gi is 107374183.
# Package:   KubernetesClient 21.0.8
# Behaviour: it cuts off: whoever asks whether a pod wants any CPU is told 0 for 100m, and 0.1Gi is a byte short.
# Seen:
# | 100m   0
# | 0.1Gi  107374182
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

foreach (var text in new[] { "100m", "0.1Gi" })
    Console.WriteLine($"{text,-6} {new ResourceQuantity(text).ToInt64()}");
END

NUGET_PACKAGES="$work/packages" dotnet build "$work" --output "$work/out" --nologo --verbosity quiet --disable-build-servers >"$work/log" || { cat "$work/log"; exit 2; }
dotnet "$work/out/finding.dll" | tee "$work/seen"
diff <(sed -n 's/^# | //p' "$0") "$work/seen" || { echo "No longer as stated above."; exit 1; }
