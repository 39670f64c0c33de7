using System.Globalization;

namespace GpuMem.Planning.Serving;

/// <summary>What else there is to know of a server on a pool, beside its verdict.</summary>
internal static class ServerNote
{
    /// <param name="candidate">The server there.</param>
    /// <param name="gpusPerPod">GPUs of one pod, when its author fixed them.</param>
    /// <returns>Null when there is nothing.</returns>
    public static string? Of(ServerCandidate candidate, int? gpusPerPod)
    {
        var (pool, server) = (candidate.Pool, candidate.Spec);
        if (pool.Unknown is not null)
            return null;
        if (pool.UsableMemory is null)
            return pool.Nodes == 0
                ? $"declare spec.memoryPerGPU in GpuPool {pool.Name} to tell how much memory a {pool.Product} has"
                : $"label the nodes (nvidia.com/gpu.memory, MiB) or declare memoryPerGPU in a GpuPool to tell how much memory a {pool.Product} has";
        if (gpusPerPod < candidate.Gpus)
            return $"a pod asks for {gpusPerPod} of the {candidate.Gpus} GPUs of one replica (tensor {server.Tensor} × pipeline {server.Pipeline} × expert {server.Expert}): ask for all of them, unless several pods form one";
        if (gpusPerPod > candidate.Gpus)
            return $"the engine uses {candidate.Gpus} of the {gpusPerPod} GPUs of a pod";
        if (candidate.Gpus > pool.Gpus)
            return $"the pool has {pool.Gpus} of the {candidate.Gpus} GPUs";
        if (server.Tensor > candidate.GpusPerNode)
            return $"tensor {server.Tensor} crosses nodes of {candidate.GpusPerNode} GPUs: slow";
        return server.Model.ContextLength is > 0 and var longest && server.InputLength + server.OutputLength > longest
            ? string.Create(CultureInfo.InvariantCulture, $"{server.Model.Name} was made for {longest:N0} tokens: engines refuse a longer context unless they are told to scale its positions")
            : null;
    }
}
