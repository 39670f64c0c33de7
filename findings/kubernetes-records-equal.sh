#!/usr/bin/env bash
# KubernetesClient's models are records, and two of the same content are equal only as long as neither has a list or a map.
#
# Guess:     since they are records, comparing what was read twice says whether it changed; and a copy made by "with" is one's own.
# Package:   KubernetesClient 21.0.8 (KubernetesClient.Aot is made of the same sources)
# Behaviour: members are compared by value, lists and maps among them by reference: a lease spec equals its second reading, a pod spec and any metadata
#            with labels do not, nor do two readings of one selector. "with" copies references: what is added to the copy's list is in the original.
# Seen:
# | V1LeaseSpec equals its second reading: True
# | V1ObjectMeta equals its second reading: True
# | V1ObjectMeta with labels equals its second reading: False
# | V1LabelSelector equals its second reading: False
# | V1PodSpec equals its second reading: False
# | tolerations of the original after one was added to the copy: 2
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

ReadTwice<V1LeaseSpec>("", """{"holderIdentity":"a","leaseDurationSeconds":15,"leaseTransitions":3}""");
ReadTwice<V1ObjectMeta>("", """{"name":"a","namespace":"b","uid":"c","resourceVersion":"7"}""");
ReadTwice<V1ObjectMeta>(" with labels", """{"name":"a","namespace":"b","uid":"c","resourceVersion":"7","labels":{"app":"a"}}""");
ReadTwice<V1LabelSelector>("", """{"matchLabels":{"app":"a"}}""");
ReadTwice<V1PodSpec>("", """{"containers":[{"name":"a","image":"b"}]}""");

var original = KubernetesJson.Deserialize<V1PodSpec>("""{"containers":[],"tolerations":[{"key":"a"}]}""");
var copy = original with { NodeName = "n" };
copy.Tolerations.Add(new V1Toleration { Key = "b" });
Console.WriteLine($"tolerations of the original after one was added to the copy: {original.Tolerations.Count}");

static void ReadTwice<T>(string what, string json) =>
    Console.WriteLine($"{typeof(T).Name}{what} equals its second reading: {EqualityComparer<T>.Default.Equals(KubernetesJson.Deserialize<T>(json), KubernetesJson.Deserialize<T>(json))}");
END

NUGET_PACKAGES="$work/packages" dotnet build "$work" --output "$work/out" --nologo --verbosity quiet --disable-build-servers >"$work/log" || { cat "$work/log"; exit 2; }
dotnet "$work/out/finding.dll" | tee "$work/seen"
diff <(sed -n 's/^# | //p' "$0") "$work/seen" || { echo "No longer as stated above."; exit 1; }
