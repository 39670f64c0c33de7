#!/usr/bin/env bash
# The trim and AOT analyzers do not look into collection expressions.
#
# Guess:     a project with IsTrimmable and IsAotCompatible gets in every build the warnings that its publishing would give: JsonArray.Add<T>, which is
#            marked RequiresUnreferencedCode, is one whether it is written out or called by a collection expression.
# Package:   Microsoft.NET.ILLink.Tasks 10.0.12 and the analyzers of the .NET SDK 10
# Behaviour: written out it is a warning of the build. Called by a collection expression it is none: only the publishing finds it, minutes later.
# Seen:
# | build: IL2026 at Add written out
# | publish: IL2026 at Add written out
# | publish: IL2026 at collection expression
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cat >"$work/finding.csproj" <<'END'
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup>
    <OutputType>Exe</OutputType>
    <TargetFramework>net10.0</TargetFramework>
    <ImplicitUsings>enable</ImplicitUsings>
    <IsTrimmable>true</IsTrimmable>
    <IsAotCompatible>true</IsAotCompatible>
    <PublishTrimmed Condition="'$(Publishing)' == 'true'">true</PublishTrimmed>
    <RuntimeIdentifier>linux-x64</RuntimeIdentifier>
    <TrimmerSingleWarn>false</TrimmerSingleWarn>
  </PropertyGroup>
  <ItemGroup>
    <PackageReference Include="Microsoft.NET.ILLink.Tasks" Version="[10.0.12]" PrivateAssets="all" />
  </ItemGroup>
</Project>
END

cat >"$work/Written.cs" <<'END'
using System.Text.Json.Nodes;

static class Written
{
    public static JsonArray Out(JsonObject item)
    {
        var array = new JsonArray();
        array.Add<JsonObject>(item);
        return array;
    }
}
END

cat >"$work/Expression.cs" <<'END'
using System.Text.Json.Nodes;

static class Expression
{
    public static JsonArray Of(IEnumerable<JsonObject> items) => [.. items];
}
END

cat >"$work/Program.cs" <<'END'
using System.Text.Json.Nodes;

Console.WriteLine(Written.Out([]).Count + Expression.Of([new JsonObject()]).Count);
END

# warnings STEP: where IL2026 is told in what is read.
warnings() {
  sed -nE "s/.*(Written|Expression)\.cs.*IL2026.*/\1/p" | sort -u | sed -e "s/Written/$1: IL2026 at Add written out/" -e "s/Expression/$1: IL2026 at collection expression/" | LC_ALL=C sort
}

export NUGET_PACKAGES="$work/packages"
{
  dotnet build "$work" --nologo --verbosity quiet --disable-build-servers 2>&1 | tee "$work/log" | warnings build
  dotnet publish "$work" --nologo --verbosity quiet --self-contained -p:Publishing=true --disable-build-servers 2>&1 | tee -a "$work/log" | warnings publish
} | tee "$work/seen"
diff <(sed -n 's/^# | //p' "$0") "$work/seen" || { cat "$work/log"; echo "No longer as stated above."; exit 1; }
