#!/usr/bin/env bash
# A MicroTime on a whole second is written as the API server does not accept it.
#
# Guess:     renewTime, acquireTime and eventTime are always written with six digits, as Kubernetes' MicroTime requires.
# Package:   KubernetesClient 21.0.8
# Behaviour: the fraction is left out when it is zero. A kube-apiserver (1.20.2 tried) answers 400: cannot parse "Z" as ".000000".
# Seen:
# | {"renewTime":"2026-01-02T03:04:05Z"}
# | {"renewTime":"2026-01-02T03:04:05.500000Z"}
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
using k8s.Models;

var second = new DateTime(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc);
Console.WriteLine(KubernetesJson.Serialize(new V1LeaseSpec { RenewTime = second }));
Console.WriteLine(KubernetesJson.Serialize(new V1LeaseSpec { RenewTime = second.AddMilliseconds(500) }));
END

NUGET_PACKAGES="$work/packages" dotnet build "$work" --output "$work/out" --nologo --verbosity quiet --disable-build-servers >"$work/log" || { cat "$work/log"; exit 2; }
dotnet "$work/out/finding.dll" | tee "$work/seen"
diff <(sed -n 's/^# | //p' "$0") "$work/seen" || { echo "No longer as stated above."; exit 1; }
