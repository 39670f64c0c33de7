#!/usr/bin/env bash
# A probe that its caller cancels closes the circuit.
#
# Guess:     the one call that an open circuit lets through to see whether the server is back says nothing when it is cancelled: the
#            circuit stays half open, or opens again.
# Package:   Polly.Core 8.9.1 (Microsoft.Extensions.TimeProvider.Testing 10.11.0 for the clock)
# Behaviour: what is not handled is a success, also while half open. The first user who gives up waiting lets everybody through to a
#            server that still does not answer.
# Seen:
# | after two failures: Open
# | the probe: TaskCanceledException
# | after the probe: Closed
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
using Polly.CircuitBreaker;

var time = new FakeTimeProvider();
var state = new CircuitBreakerStateProvider();
var breaker = new ResiliencePipelineBuilder { TimeProvider = time }
    .AddCircuitBreaker(new CircuitBreakerStrategyOptions { MinimumThroughput = 2, BreakDuration = TimeSpan.FromSeconds(5), StateProvider = state })
    .Build();
for (var call = 0; call < 2; call++)
    await CallAsync(_ => throw new HttpRequestException("down"), default);
Console.WriteLine($"after two failures: {state.CircuitState}");

time.Advance(TimeSpan.FromSeconds(6));
using var caller = new CancellationTokenSource();
var probe = CallAsync(async cancellation => await Task.Delay(Timeout.Infinite, cancellation), caller.Token);
caller.Cancel();
Console.WriteLine($"the probe: {await probe}");
Console.WriteLine($"after the probe: {state.CircuitState}");

async Task<string> CallAsync(Func<CancellationToken, ValueTask> call, CancellationToken cancellation)
{
    try
    {
        await breaker.ExecuteAsync(call, cancellation);
        return "no exception";
    }
    catch (Exception failed)
    {
        return failed.GetType().Name;
    }
}
END

NUGET_PACKAGES="$work/packages" dotnet build "$work" --output "$work/out" --nologo --verbosity quiet --disable-build-servers >"$work/log" || { cat "$work/log"; exit 2; }
dotnet "$work/out/finding.dll" | tee "$work/seen"
diff <(sed -n 's/^# | //p' "$0") "$work/seen" || { echo "No longer as stated above."; exit 1; }
