#!/usr/bin/env bash
# What KubernetesClient.Aot has read it cannot always write.
#
# Guess:     what Deserialize returned Serialize takes: a read, a change and a replace, as with the package KubernetesClient.
# Package:   KubernetesClient.Aot 21.0.8
# Behaviour: members whose type is object are read as JsonElement, which the source-generated context does not know: every object read
#            from a server that has managedFields, a CRD's schema with default or enum, and a ControllerRevision.
# Seen:
# | V1Pod: {"metadata":{"name":"a"}}
# | V1Pod with managedFields: NotSupportedException
# | V1JSONSchemaProps with default: NotSupportedException
# | V1JSONSchemaProps with enum: NotSupportedException
# | V1ControllerRevision: NotSupportedException
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
    <PackageReference Include="KubernetesClient.Aot" Version="[21.0.8]" />
  </ItemGroup>
</Project>
END

cat >"$work/Program.cs" <<'END'
using k8s;
using k8s.Models;

WriteBack<V1Pod>("", """{"metadata":{"name":"a"}}""");
WriteBack<V1Pod>(" with managedFields", """{"metadata":{"name":"a","managedFields":[{"fieldsType":"FieldsV1","fieldsV1":{"f:spec":{}}}]}}""");
WriteBack<V1JSONSchemaProps>(" with default", """{"type":"string","default":"a"}""");
WriteBack<V1JSONSchemaProps>(" with enum", """{"type":"string","enum":["a","b"]}""");
WriteBack<V1ControllerRevision>("", """{"revision":1,"data":{"spec":{}}}""");

static void WriteBack<T>(string with, string json)
{
    try
    {
        Console.WriteLine($"{typeof(T).Name}{with}: {KubernetesJson.Serialize(KubernetesJson.Deserialize<T>(json))}");
    }
    catch (Exception refused)
    {
        Console.WriteLine($"{typeof(T).Name}{with}: {refused.GetType().Name}");
    }
}
END

NUGET_PACKAGES="$work/packages" dotnet build "$work" --output "$work/out" --nologo --verbosity quiet --disable-build-servers >"$work/log" || { cat "$work/log"; exit 2; }
dotnet "$work/out/finding.dll" | tee "$work/seen"
diff <(sed -n 's/^# | //p' "$0") "$work/seen" || { echo "No longer as stated above."; exit 1; }
