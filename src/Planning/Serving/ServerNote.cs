using System.Globalization;

namespace GpuMem.Planning.Serving;

/// <summary>What else there is to know of a server on a pool, beside its verdict.</summary>
internal static class ServerNote
{
    /// <param name="candidate">The server there.</param>
    /// <param name="request">What was asked, with the GPUs of its pods where their author fixed them.</param>
    /// <returns>Null when there is nothing.</returns>
    public static string? Of(ServerCandidate candidate, ServerRequest request)
    {
        var (pool, server) = (candidate.Pool, candidate.Spec);
        if (pool.Unknown is not null)
            return null;
        if (pool.UsableMemory is null)
            return pool.Nodes == 0
                ? $"declare spec.memoryPerGPU in GpuPool {pool.Name} to tell how much memory a {pool.Product} has"
                : $"label the nodes (nvidia.com/gpu.memory, MiB) or declare memoryPerGPU in a GpuPool to tell how much memory a {pool.Product} has";
        if (candidate.PodsLackGpus)
            return Lack(candidate, request);
        if (request.GpusPerPod > candidate.Gpus)
            return $"the engine uses {candidate.Gpus} of the {request.GpusPerPod} GPUs of a pod";
        if (candidate.Gpus > pool.Gpus)
            return $"the pool has {pool.Gpus} of the {candidate.Gpus} GPUs";
        if (OldCard.Note(pool.Product) is { } old)
            return old;
        if (server.Tensor > candidate.GpusPerNode)
            return $"tensor {server.Tensor} crosses nodes of {candidate.GpusPerNode} GPU{(candidate.GpusPerNode == 1 ? "" : "s")}: slow";
        return server.Model.ContextLength is > 0 and var longest && server.InputLength + server.OutputLength > longest
            ? string.Create(CultureInfo.InvariantCulture, $"{server.Model.Name} was made for {longest:N0} tokens: engines refuse a longer context unless they are told to scale its positions")
            : null;
    }

    private static string Lack(ServerCandidate candidate, ServerRequest request)
    {
        var server = candidate.Spec;
        var replica = $"of the {candidate.Gpus} GPUs of one replica (tensor {server.Tensor} × pipeline {server.Pipeline} × expert {server.Expert})";
        return request.GpusOfPods is { } all
            ? $"all pods together ask for {all} {replica}: ask for all of them"
            : $"a pod asks for {request.GpusPerPod} {replica}: ask for all of them, unless several pods form one";
    }
}
