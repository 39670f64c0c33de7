#!/usr/bin/env bash
# With YamlDotNet's MergingParser a merged value wins over the mapping's own, if that is written first.
#
# Guess:     a mapping's own keys win over those that `<<` brings in, wherever they stand, as YAML's merge key says.
# Package:   YamlDotNet 18.1.0
# Behaviour: the merged mapping is put where `<<` stands, and the last value of a key counts.
# Seen:
# | merge first, own key after: memory 40
# | own key first, merge after: memory 80
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
    <PackageReference Include="YamlDotNet" Version="[18.1.0]" />
  </ItemGroup>
</Project>
END

cat >"$work/Program.cs" <<'END'
using YamlDotNet.Core;
using YamlDotNet.Serialization;

const string Yaml = """
    base: &base {memory: 80}
    merge first, own key after:
      <<: *base
      memory: 40
    own key first, merge after:
      memory: 40
      <<: *base
    """;
var pools = new DeserializerBuilder().Build()
    .Deserialize<Dictionary<string, Dictionary<string, string>>>(new MergingParser(new Parser(new StringReader(Yaml))));
foreach (var (name, pool) in pools.Skip(1))
    Console.WriteLine($"{name}: memory {pool["memory"]}");
END

NUGET_PACKAGES="$work/packages" dotnet build "$work" --output "$work/out" --nologo --verbosity quiet --disable-build-servers >"$work/log" || { cat "$work/log"; exit 2; }
dotnet "$work/out/finding.dll" | tee "$work/seen"
diff <(sed -n 's/^# | //p' "$0") "$work/seen" || { echo "No longer as stated above."; exit 1; }
