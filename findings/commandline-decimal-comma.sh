#!/usr/bin/env bash
# A number with a decimal comma is ten or a hundred times as large.
#
# Guess:     a program whose culture is the invariant one refuses 79,6, as it does for an int.
# Package:   System.CommandLine 3.0.0
# Behaviour: to a double or a decimal the comma separates thousands, wherever it stands: 79,6 is 796. An int refuses it, and 1,000 too.
# Seen:
# | double 79,6: 796
# | decimal 1,25: 125
# | int 1,000: refused
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cat >"$work/finding.csproj" <<'END'
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup>
    <OutputType>Exe</OutputType>
    <TargetFramework>net10.0</TargetFramework>
    <ImplicitUsings>enable</ImplicitUsings>
    <InvariantGlobalization>true</InvariantGlobalization>
  </PropertyGroup>
  <ItemGroup>
    <PackageReference Include="System.CommandLine" Version="[3.0.0]" />
  </ItemGroup>
</Project>
END

cat >"$work/Program.cs" <<'END'
using System.CommandLine;

Console.WriteLine($"double 79,6: {Read<double>("79,6")}");
Console.WriteLine($"decimal 1,25: {Read<decimal>("1,25")}");
Console.WriteLine($"int 1,000: {Read<int>("1,000")}");

static string Read<T>(string text)
{
    var memory = new Option<T>("--memory");
    var read = new RootCommand { memory }.Parse(["--memory", text]);
    return read.Errors.Count > 0 ? "refused" : $"{read.GetValue(memory)}";
}
END

NUGET_PACKAGES="$work/packages" dotnet build "$work" --output "$work/out" --nologo --verbosity quiet --disable-build-servers >"$work/log" || { cat "$work/log"; exit 2; }
dotnet "$work/out/finding.dll" | tee "$work/seen"
diff <(sed -n 's/^# | //p' "$0") "$work/seen" || { echo "No longer as stated above."; exit 1; }
