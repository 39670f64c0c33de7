#!/usr/bin/env bash
# A leader that has lost its lease says that it leads, and goes on renewing.
#
# Guess:     once OnStoppedLeading was raised IsLeader() is false, and when RunUntilLeadershipLostAsync has returned nothing is sent.
# Package:   KubernetesClient 21.0.8
# Behaviour: IsLeader() compares the last lease that was read, so it stays true; attempts to renew go on after the method returned.
# Seen:
# | stopped leading; IsLeader() is True
# | returned; IsLeader() is True
# | writes after it returned: some
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
using k8s.LeaderElection;
using k8s.LeaderElection.ResourceLock;
using k8s.Models;

// A server that takes the lease and one renewal, and answers 500 to every later one.
var builder = WebApplication.CreateSlimBuilder();
builder.Logging.ClearProviders();
await using var server = builder.Build();
server.Urls.Add("http://127.0.0.1:0");
string lease = null;
var writes = 0;
var more = new TaskCompletionSource();
var returned = false;
server.Run(async request =>
{
    request.Response.ContentType = "application/json";
    if (request.Request.Method != "GET")
    {
        if (returned)
            more.TrySetResult();
        if (++writes <= 2)
            lease = await new StreamReader(request.Request.Body).ReadToEndAsync();
        else
            request.Response.StatusCode = 500;
    }
    else if (lease is null)
    {
        request.Response.StatusCode = 404;
    }

    await request.Response.WriteAsync(request.Response.StatusCode == 200 ? lease : """{"kind":"Status","apiVersion":"v1","status":"Failure"}""");
});
await server.StartAsync();

using var client = new Kubernetes(new KubernetesClientConfiguration { Host = server.Urls.First() });
var elector = new LeaderElector(new LeaderElectionConfig(new LeaseLock(client, "default", "leader", "me"))
{
    LeaseDuration = TimeSpan.FromSeconds(6),
    RenewDeadline = TimeSpan.FromSeconds(4),
    RetryPeriod = TimeSpan.FromSeconds(1),
});
elector.OnStoppedLeading += () => Console.WriteLine($"stopped leading; IsLeader() is {elector.IsLeader()}");
await elector.RunUntilLeadershipLostAsync();
returned = true;
Console.WriteLine($"returned; IsLeader() is {elector.IsLeader()}");
await Task.WhenAny(more.Task, Task.Delay(TimeSpan.FromSeconds(20)));
Console.WriteLine($"writes after it returned: {(more.Task.IsCompleted ? "some" : "none")}");
END

NUGET_PACKAGES="$work/packages" dotnet build "$work" --output "$work/out" --nologo --verbosity quiet --disable-build-servers >"$work/log" || { cat "$work/log"; exit 2; }
dotnet "$work/out/finding.dll" | tee "$work/seen"
diff <(sed -n 's/^# | //p' "$0") "$work/seen" || { echo "No longer as stated above."; exit 1; }
