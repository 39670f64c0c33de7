#!/usr/bin/env bash
# A retry that has reached its longest delay no longer jitters.
#
# Guess:     with UseJitter the waits stay scattered when MaxDelay holds them down: a thousand clients whose server is away come back spread out.
# Package:   Polly.Core 8.9.1 (Microsoft.Extensions.TimeProvider.Testing 10.11.0 for the clock)
# Behaviour: the jitter comes first and the limit after it, so that of the waits that would be longer each is MaxDelay to the tick. The first
#            ones differ between clients, those of a long outage do not.
# Seen:
# | waits 1 to 3: scattered
# | waits 18 to 20: 10 s each
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
    <PackageReference Include="Polly.Core" Version="[8.9.1]" />
    <PackageReference Include="Microsoft.Extensions.TimeProvider.Testing" Version="[10.11.0]" />
  </ItemGroup>
</Project>
END

cat >"$work/Program.cs" <<'END'
using Microsoft.Extensions.Time.Testing;
using Polly;
using Polly.Retry;

var clock = new FakeTimeProvider();
var waits = new List<TimeSpan>();
var client = new ResiliencePipelineBuilder { TimeProvider = clock }
    .AddRetry(new RetryStrategyOptions
    {
        MaxRetryAttempts = 20,
        BackoffType = DelayBackoffType.Exponential,
        Delay = TimeSpan.FromSeconds(1),
        MaxDelay = TimeSpan.FromSeconds(10),
        UseJitter = true,
        OnRetry = retry =>
        {
            waits.Add(retry.RetryDelay);
            return default;
        },
    })
    .Build();
var call = client.ExecuteAsync(static ValueTask (_) => throw new HttpRequestException()).AsTask();
while (!call.IsCompleted)
{
    await Task.Yield();
    clock.Advance(TimeSpan.FromSeconds(10));
}

Console.WriteLine($"waits 1 to 3: {Tell(waits[..3])}");
Console.WriteLine($"waits 18 to 20: {Tell(waits[17..])}");

static string Tell(List<TimeSpan> waits) => waits.Distinct().Count() > 1 ? "scattered" : $"{waits[0].TotalSeconds} s each";
END

NUGET_PACKAGES="$work/packages" dotnet build "$work" --output "$work/out" --nologo --verbosity quiet --disable-build-servers >"$work/log" || { cat "$work/log"; exit 2; }
dotnet "$work/out/finding.dll" | tee "$work/seen"
diff <(sed -n 's/^# | //p' "$0") "$work/seen" || { echo "No longer as stated above."; exit 1; }
