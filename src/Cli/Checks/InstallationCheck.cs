using System.Net;
using System.Text.Json.Nodes;
using GpuMem.Api.GpuPools;
using GpuMem.Api.TrainingJobs;
using GpuMem.Kubernetes.Models;
using GpuMem.Planning;

namespace GpuMem.Cli.Checks;

/// <summary>
/// Tries an installation as its users do: a job that fits is planned and its pod admitted and placed, one that does not fit is rejected and its pod refused.
/// Whatever it made goes again. Each step is a line, and the first that fails says where to look.
/// </summary>
/// <param name="client">With the rights of whoever asks.</param>
/// <param name="release">Where and by what name GpuMem is installed, for what to look at.</param>
/// <param name="patience">How long one step may take: caches follow what was made a moment later.</param>
/// <param name="time">The clock.</param>
/// <param name="output">Where the lines go.</param>
internal sealed class InstallationCheck(IKubernetesClient client, Release release, TimeSpan patience, TimeProvider time, TextWriter output)
{
    private const string FieldManager = "gpumem-check";

    private static readonly TimeSpan LookAgainAfter = TimeSpan.FromMilliseconds(250);

    private static readonly TimeSpan MostForRemoval = TimeSpan.FromSeconds(30);

    private readonly CheckObjects _objects = new(release.CheckName);

    /// <summary>True when every step went well.</summary>
    public async Task<bool> RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            Ok($"the API server answers: {(await client.GetServerVersionAsync(cancellationToken)).GitVersion}");
            await MakeAsync(cancellationToken);
            var planned = await VerdictAsync(CheckObjects.Fitting, cancellationToken);
            Expect(planned.Verdict == "Fits", $"the operator planned a job that fits: {planned.Message}", $"the operator's verdict on a job that fits one H100 is {planned.Verdict}: {planned.Message}");
            var rejected = await VerdictAsync(CheckObjects.TooLarge, cancellationToken);
            Expect(rejected.Verdict is "DoesNotFit" or "Impossible", $"the operator rejected one that does not: {rejected.Message}", $"the operator's verdict on a job that does not fit one H100 is {rejected.Verdict}: {rejected.Message}");
            var refusal = await RefusalAsync(cancellationToken);
            Ok($"the webhook refused the pod of that one: {refusal}");
            var pod = await AdmittedAsync(cancellationToken);
            Expect(_objects.IsPlaced(pod), "the webhook admitted the pod of the other and chose its pool", $"the pod that fits was admitted and not told to go to its pool; {release.Webhook}");
            return true;
        }
        catch (CheckFailedException failed)
        {
            await output.WriteLineAsync($"failed  {failed.Message}");
            return false;
        }
        catch (Exception failed) when (failed is GpuMem.Kubernetes.KubernetesException or HttpRequestException or IOException or TimeoutException)
        {
            await output.WriteLineAsync($"failed  {failed.Message}");
            return false;
        }
        finally
        {
            await RemoveAsync();
        }
    }

    private async Task MakeAsync(CancellationToken cancellationToken)
    {
        await client.ApplyAsync(CheckObjects.Namespaces, _objects.Namespace, FieldManager, force: true, cancellationToken);
        try
        {
            await client.ApplyAsync(EntityMetadata.Of<GpuPool>(), _objects.Pool, FieldManager, force: true, cancellationToken);
            foreach (var job in new[] { CheckObjects.Fitting, CheckObjects.TooLarge })
                await client.ApplyAsync(EntityMetadata.Of<TrainingJob>(), _objects.Job(job), FieldManager, force: true, cancellationToken);
        }
        catch (GpuMem.Kubernetes.KubernetesException missing) when (missing.StatusCode == HttpStatusCode.NotFound)
        {
            throw new CheckFailedException("the cluster does not know GpuPools and TrainingJobs: their definitions are not installed (helm value crds.install, or kubectl apply -f config/crd)");
        }

        Ok($"namespace {release.CheckName}, a GpuPool of the same name and two TrainingJobs are made");
    }

    /// <summary>What the operator says of a job. Until it has heard of the pool, too, that is Unknown: waited for, and told where nothing else comes.</summary>
    private async Task<(string Verdict, string Message)> VerdictAsync(string job, CancellationToken cancellationToken)
    {
        JsonObject? said = null;
        await UntilAsync(
            async () =>
            {
                if ((await client.GetAsync(EntityMetadata.Of<TrainingJob>(), job, release.CheckName, cancellationToken))?["status"] is JsonObject status && status["verdict"] is not null)
                    said = status;
                return (string?)said?["verdict"] is null or nameof(Verdict.Unknown) ? null : said;
            },
            cancellationToken);
        return said is null
            ? throw new CheckFailedException($"the operator has said nothing of a TrainingJob in {patience.TotalSeconds:0} s; {release.Operator}")
            : (said["verdict"]!.GetValue<string>(), said["message"]?.GetValue<string>() ?? "");
    }

    /// <summary>What the pod was refused with. Until the webhook has heard of job and namespace it is admitted, with a warning.</summary>
    private async Task<string> RefusalAsync(CancellationToken cancellationToken)
    {
        var attempt = 0;
        return await UntilAsync(
            async () =>
            {
                try
                {
                    await client.ApplyAsync(CheckObjects.Pods, _objects.Pod(CheckObjects.TooLarge, attempt++), FieldManager, force: true, cancellationToken);
                    return null;
                }
                catch (GpuMem.Kubernetes.KubernetesException refused) when (refused.Message.Contains("denied the request", StringComparison.Ordinal))
                {
                    return refused.Message[refused.Message.IndexOf("denied the request", StringComparison.Ordinal)..];
                }
                catch (GpuMem.Kubernetes.KubernetesException early) when (IsTooEarly(early))
                {
                    return null;
                }
            },
            cancellationToken) ?? throw new CheckFailedException($"a pod that needs more memory than any GPU it may use was admitted for {patience.TotalSeconds:0} s; {release.Webhook}");
    }

    private async Task<JsonObject> AdmittedAsync(CancellationToken cancellationToken) => await UntilAsync(
        async () =>
        {
            try
            {
                return await client.ApplyAsync(CheckObjects.Pods, _objects.Pod(CheckObjects.Fitting, 0), FieldManager, force: true, cancellationToken);
            }
            catch (GpuMem.Kubernetes.KubernetesException early) when (IsTooEarly(early))
            {
                return null;
            }
        },
        cancellationToken) ?? throw new CheckFailedException($"namespace {release.CheckName} had no service account for {patience.TotalSeconds:0} s: kube-controller-manager makes them");

    /// <summary>A namespace gets its service account a moment after it was made, and no pod before.</summary>
    private static bool IsTooEarly(GpuMem.Kubernetes.KubernetesException refused) =>
        refused.StatusCode == HttpStatusCode.Forbidden && refused.Message.Contains("serviceaccount", StringComparison.OrdinalIgnoreCase);

    private async Task<T?> UntilAsync<T>(Func<Task<T?>> look, CancellationToken cancellationToken)
        where T : class
    {
        var since = time.GetTimestamp();
        while (true)
        {
            if (await look() is { } found)
                return found;
            if (time.GetElapsedTime(since) > patience)
                return null;
            await Task.Delay(LookAgainAfter, time, cancellationToken);
        }
    }

    /// <summary>Also after Ctrl-C: what was asked to end is the check, not its tidying up.</summary>
    private async Task RemoveAsync()
    {
        using var deadline = new CancellationTokenSource(MostForRemoval, time);
        try
        {
            await client.DeleteAsync<GpuPool>(release.CheckName, cancellationToken: deadline.Token);
            await client.DeleteAsync<V1Namespace>(release.CheckName, cancellationToken: deadline.Token);
        }
        catch (Exception failed) when (failed is GpuMem.Kubernetes.KubernetesException or HttpRequestException or IOException or TimeoutException or OperationCanceledException)
        {
            await output.WriteLineAsync($"left    {failed.Message}; remove it: kubectl delete namespace/{release.CheckName} gpupool/{release.CheckName}");
        }
    }

    private void Expect(bool condition, string ok, string otherwise)
    {
        if (!condition)
            throw new CheckFailedException(otherwise);
        Ok(ok);
    }

    private void Ok(string step) => output.WriteLine($"ok      {step}");
}

/// <summary>A step that did not go well; the message says what to look at.</summary>
internal sealed class CheckFailedException(string message) : Exception(message);
