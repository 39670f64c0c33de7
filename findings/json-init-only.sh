#!/usr/bin/env bash
# An init-only property's default is lost under System.Text.Json's source generator.
#
# Guess:     a member that the JSON does not have keeps the value of its initializer, as with reflection.
# Package:   System.Text.Json of .NET 10 (in the framework; seen with SDK 10.0.401)
# Behaviour: generated code sets every init-only property, to default(T) where the JSON has none: 5 becomes 0, a list becomes null. With
#            a setter instead of init nothing is lost. Whoever turns the generator on for Native AOT changes what is read.
# Seen:
# | reflection: init 5, set 5
# | generated: init 0, set 5
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
</Project>
END

cat >"$work/Program.cs" <<'END'
using System.Text.Json;
using System.Text.Json.Serialization;

var reflection = JsonSerializer.Deserialize<Settings>("{}");
var generated = JsonSerializer.Deserialize("{}", Context.Default.Settings);
Console.WriteLine($"reflection: init {reflection.Retries}, set {reflection.Workers}");
Console.WriteLine($"generated: init {generated.Retries}, set {generated.Workers}");

public sealed class Settings
{
    public int Retries { get; init; } = 5;

    public int Workers { get; set; } = 5;
}

[JsonSerializable(typeof(Settings))]
internal sealed partial class Context : JsonSerializerContext;
END

NUGET_PACKAGES="$work/packages" dotnet build "$work" --output "$work/out" --nologo --verbosity quiet --disable-build-servers >"$work/log" || { cat "$work/log"; exit 2; }
dotnet "$work/out/finding.dll" | tee "$work/seen"
diff <(sed -n 's/^# | //p' "$0") "$work/seen" || { echo "No longer as stated above."; exit 1; }
