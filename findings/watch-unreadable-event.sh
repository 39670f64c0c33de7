#!/usr/bin/env bash
# An event that does not fit its model is left out of a watch.
#
# Guess:     `await foreach` throws a JsonException at the event that it cannot read.
# Package:   KubernetesClient 21.0.8
# Behaviour: without the optional onError the event is passed over and the loop goes on: the object is never seen. The server's int64 in
#            a model's int is enough.
# Seen:
# | Added a
# | Added c
# | ended without an exception
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cat >"$work/finding.csproj" <<'END'
<Project Sdk="Microsoft.NET.Sdk.Web">
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

var builder = WebApplication.CreateSlimBuilder();
builder.Logging.ClearProviders();
await using var server = builder.Build();
server.Urls.Add("http://127.0.0.1:0");
server.Run(request => request.Response.WriteAsync("""
    {"type":"ADDED","object":{"kind":"Pod","apiVersion":"v1","metadata":{"name":"a"}}}
    {"type":"ADDED","object":{"kind":"Pod","apiVersion":"v1","metadata":{"name":"b"},"spec":{"containers":[],"priority":3000000000}}}
    {"type":"ADDED","object":{"kind":"Pod","apiVersion":"v1","metadata":{"name":"c"}}}

    """));
await server.StartAsync();

using var client = new Kubernetes(new KubernetesClientConfiguration { Host = server.Urls.First() });
await foreach (var (type, pod) in client.CoreV1.WatchListNamespacedPodAsync("default"))
    Console.WriteLine($"{type} {pod.Name()}");
Console.WriteLine("ended without an exception");
END

NUGET_PACKAGES="$work/packages" dotnet build "$work" --output "$work/out" --nologo --verbosity quiet --disable-build-servers >"$work/log" || { cat "$work/log"; exit 2; }
dotnet "$work/out/finding.dll" | tee "$work/seen"
diff <(sed -n 's/^# | //p' "$0") "$work/seen" || { echo "No longer as stated above."; exit 1; }
