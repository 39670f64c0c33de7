#!/usr/bin/env bash
# A watch that is told 410 Gone ends like one that is over.
#
# Guess:     an ERROR event with code 410 makes `await foreach` throw, or is handed over as an event: whoever watches must list again.
# Package:   KubernetesClient 21.0.8
# Behaviour: without the optional onError the loop ends normally, as at the end of timeoutSeconds. Whoever then goes on from the last
#            version that they saw is told 410 again, for ever.
# Seen:
# | Added a
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
    {"type":"ADDED","object":{"kind":"Pod","apiVersion":"v1","metadata":{"name":"a","resourceVersion":"5"}}}
    {"type":"ERROR","object":{"kind":"Status","apiVersion":"v1","status":"Failure","message":"too old resource version: 5 (9)","reason":"Expired","code":410}}

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
