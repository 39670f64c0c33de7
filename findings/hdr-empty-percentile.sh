#!/usr/bin/env bash
# An empty histogram has a maximum and no percentiles.
#
# Guess:     where nothing was recorded a percentile is 0, like the maximum, and as in the Java original.
# Package:   HdrHistogram 2.5.0
# Behaviour: GetValueAtPercentile throws, as if the percentile that was asked for were not between 0 and 100: an interval without a
#            request ends a report.
# Seen:
# | maximum 0
# | 99th percentile: ArgumentOutOfRangeException
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
    <PackageReference Include="HdrHistogram" Version="[2.5.0]" />
  </ItemGroup>
</Project>
END

cat >"$work/Program.cs" <<'END'
using HdrHistogram;

var latencies = new LongHistogram(3_600_000_000, 3);
Console.WriteLine($"maximum {latencies.GetMaxValue()}");
try
{
    Console.WriteLine($"99th percentile: {latencies.GetValueAtPercentile(99)}");
}
catch (Exception refused)
{
    Console.WriteLine($"99th percentile: {refused.GetType().Name}");
}
END

NUGET_PACKAGES="$work/packages" dotnet build "$work" --output "$work/out" --nologo --verbosity quiet --disable-build-servers >"$work/log" || { cat "$work/log"; exit 2; }
dotnet "$work/out/finding.dll" | tee "$work/seen"
diff <(sed -n 's/^# | //p' "$0") "$work/seen" || { echo "No longer as stated above."; exit 1; }
